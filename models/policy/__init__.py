"""Who and what is left alone: exclusion lists, scanners of mail servers, sent contents."""

from . import scanners
from . import exclusion
from . import sent_content

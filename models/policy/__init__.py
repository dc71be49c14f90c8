"""Who and what is left alone: exclusion lists, scanners of mail servers, sent contents; and whose
clock counts."""

from . import scanners
from . import exclusion
from . import sent_content
from . import timezones

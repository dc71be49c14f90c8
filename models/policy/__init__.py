"""Who and what is left alone: exclusion lists, scanners of mail servers, sent contents; when
messages may go out, and how many; and whose clock counts."""

from . import scanners
from . import exclusion
from . import sent_content
from . import timezones
from . import message_log
from . import message_counting
from . import gate
from . import resource_calendar
from . import sending_hours
from . import hours_review
from . import hours_words
from . import throttle
from . import frequency_cap
from . import pressure

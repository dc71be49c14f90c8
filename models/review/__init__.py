"""What a start would do, before it is done: who enters, who gets each message, when the first one
goes, and what looks wrong."""

from . import audience
from . import reach
from . import dates
from . import entry_forecast
from . import checks
from . import review

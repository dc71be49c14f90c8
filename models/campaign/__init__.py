"""The campaign: audience, responsible, what keeps it from running."""

from . import marketing_campaign
from . import delivery
from . import identifying
from . import mailing_lists
from . import navigation
from . import problems
from . import responsible
from . import acceptance
from . import update
from . import planned_start
from . import utm_campaign
from . import audit_trail

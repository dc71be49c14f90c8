"""Who takes part: the way of each through the workflow, and what is forgotten about them."""

from . import marketing_participant
from . import lost_records
from . import marketing_participant_mixin
from . import source
from . import journey
from . import way
from . import crm_lead
from . import mailing_contact
from . import res_partner
from . import identity
from . import privacy
from . import retention

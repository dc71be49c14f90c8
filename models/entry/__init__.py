"""Ways in: what a campaign has its participants from."""

from . import marketing_campaign_entry
from . import entry_type
from . import entry_filter
from . import entry_date
from . import entry_event
from . import entry_rule
from . import entry_manual
from . import entry_webhook
from . import marketing_campaign_entry_mapping
from . import marketing_campaign_entry_call
from . import webhook_call
from . import entries
from . import callers
from . import action_menu
from . import reentry
from . import base_automation
from . import ir_actions_server
from . import mailing_subscription
from . import res_partner_category
from . import marketing_late_event

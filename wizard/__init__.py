from . import base_partner_merge
from . import mail_compose_letters
from . import mail_compose_message
from . import marketing_campaign_test
from . import privacy_lookup_wizard
from . import sms_composer

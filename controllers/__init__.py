from . import entry
from . import mailing
from . import sms_status

"""How queued messages leave: senders, marks of what is out, what is taken back."""

from . import marketing_mark
from . import mail_marks
from . import sms_marks
from . import mailing_hold
from . import marketing_handover
from . import queue
from . import unsent
from . import closing
from . import personal_servers
from . import mail_sender
from . import sms_sender
from . import senders
from . import page

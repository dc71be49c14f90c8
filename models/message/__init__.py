"""What is added to Odoo's models of messages and links."""

from . import set_writing
from . import ir_attachment
from . import ir_http
from . import link_tracker
from . import link_tracker_click
from . import mail_activity
from . import mail_mail
from . import mail_message
from . import mail_render_mixin
from . import mail_template
from . import mail_thread
from . import mailing_list
from . import mailing_mailing
from . import mailing_links
from . import signed_links
from . import footer_links
from . import mailing_trace
from . import mailing_delivery
from . import sms_template
from . import sms_tracker
from . import sample

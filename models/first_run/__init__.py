"""For those who begin: sample contacts, and what is left to do until a first campaign runs."""

from . import samples
from . import sample_mails
from . import first_steps
from . import res_users_settings

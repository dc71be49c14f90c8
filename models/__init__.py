from . import campaign
from . import workflow
from . import entry
from . import engine
from . import participant
from . import figures
from . import template
from . import first_run
from . import message
from . import sending
from . import policy
from . import review
from . import ir_model_fields
from . import res_config_settings

# Before all of these: what clients may write
from . import marketing_input_mixin

"""The steps of a campaign: their tree, one file for each type, how they are drawn."""

from . import marketing_activity
from . import marketing_activity_branch
from . import branches
from . import step_type
from . import step_mailing
from . import step_email
from . import step_sms
from . import step_action_todo
from . import step_action
from . import step_steering
from . import step_condition
from . import step_split
from . import step_wait
from . import split_winner
from . import step_goto
from . import step_exit
from . import action_choice
from . import tree
from . import removal
from . import problems
from . import words
from . import authorship
from . import canvas
from . import links
from . import ir_actions_server
from . import ir_actions_server_types

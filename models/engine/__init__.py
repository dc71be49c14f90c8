"""What runs campaigns, in this order: enrol, schedule, run, settle; and the jobs that do it."""

from . import marketing_trace
from . import search
from . import unicity
from . import admit
from . import enrol
from . import schedule
from . import runaway
from . import run
from . import steer
from . import poll
from . import winner
from . import settle
from . import events
from . import todos
from . import jobs
from . import execute

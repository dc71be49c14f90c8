"""What is counted, and what people see of it."""

from . import marketing_activity_figures
from . import metrics
from . import branches
from . import outcomes
from . import mailing_statistics
from . import other_statistics

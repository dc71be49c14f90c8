"""Campaigns to begin with."""

from . import templates
from . import catalog
from . import journeys
from . import records
from . import pictures

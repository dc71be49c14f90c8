"""Campaigns to begin with."""

from . import templates
from . import catalog
from . import records

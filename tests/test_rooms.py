"""The models are put together of classes in several rooms; none hides what another does."""

from collections import defaultdict

from odoo.models import MetaModel
from odoo.tests import tagged

from .common import MarketingAutomationCase

# Extended by each type of steps, and of ways in.
EXTENDED = {"_get_step_types", "_get_entry_types"}


@tagged("post_install", "-at_install")
class TestRooms(MarketingAutomationCase):
    def test_a_method_is_in_one_place(self):
        """Which of two came first would depend on the order in which files are loaded: they call
        each other by name instead."""
        places = defaultdict(list)
        for definition in MetaModel._module_to_models__["marketing_automation"]:
            for name, value in vars(definition).items():
                if callable(value) and not name.startswith("__") and name not in EXTENDED:
                    places[definition._name or definition._inherit, name].append(definition)
        several = {
            key: sorted(definition.__module__ for definition in definitions)
            for key, definitions in places.items()
            if len(definitions) > 1
        }
        self.assertFalse(several)

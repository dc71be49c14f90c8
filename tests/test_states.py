"""States change in the ways that ``doc/states.md`` shows, and in no others.

To draw the pictures anew::

    MARKETING_AUTOMATION_WRITE_DOC=1 make test ARGS=tests/test_states.py
"""

import os
from pathlib import Path

import psycopg2

from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..tools.states import PARTICIPANT_WAYS, TRACE_WAYS
from .common import MarketingAutomationCase
from .ways import watch_states

DOCUMENT = Path(__file__).parents[1] / "doc" / "states.md"
PICTURES = {"traces": TRACE_WAYS, "participants": PARTICIPANT_WAYS}


def draw(ways):
    """The ways as a state diagram of Mermaid."""
    lines = [f"    {way.before or '[*]'} --> {way.after}: {way.what}" for way in ways]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


@tagged("post_install", "-at_install")
class TestStates(MarketingAutomationCase):
    def test_pictures(self):
        document = DOCUMENT.read_text()
        for name, ways in PICTURES.items():
            begin, end = f"<!-- {name}: written by tests/test_states.py -->\n", "\n<!-- end -->"
            before, rest = document.split(begin)
            drawn, after = rest.split(end, 1)
            if os.environ.get("MARKETING_AUTOMATION_WRITE_DOC"):
                document = before + begin + draw(ways) + end + after
                DOCUMENT.write_text(document)
            else:
                self.assertEqual(drawn, draw(ways))

    def test_states_are_those_of_the_fields(self):
        for model_name, ways in (
            ("marketing.trace", TRACE_WAYS),
            ("marketing.participant", PARTICIPANT_WAYS),
        ):
            states = self.env[model_name]._fields["state"].get_values(self.env)
            self.assertEqual({way.after for way in ways}, set(states))

    def test_other_ways_are_noticed(self):
        """The random stories are watched by this."""
        campaign = self.create_campaign(self.create_contacts(1))
        activity = self.create_activity(campaign, delay="1 days")
        campaign.action_start_campaign()
        campaign.sync_participants()
        watch_states(self.env)
        self.env["marketing.trace"]._cancel(SQL("activity_id = %s", activity.id), "user")
        with (
            self.assertRaisesRegex(psycopg2.Error, "No way leads from canceled to rejected"),
            mute_logger("odoo.sql_db"),
        ):
            self.env.cr.execute("UPDATE marketing_trace SET state = 'rejected'")

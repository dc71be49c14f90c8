"""``doc/glossary.md`` has the words that people read."""

import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from ..tools.states import CANCELED
from ..tools.triggers import AFTER, HAPPENED, RIGHT_AFTER

GLOSSARY = Path(__file__).parent.parent / "doc/glossary.md"


@tagged("post_install", "-at_install")
class TestGlossary(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lines = GLOSSARY.read_text().splitlines()

    def assertRow(self, *cells):
        """There is a row that begins with these cells."""
        start = "| " + " | ".join(cells) + " |"
        self.assertTrue(any(line.startswith(start) for line in self.lines), start)

    def test_types_of_steps(self):
        for key, kind in self.env["marketing.activity"]._get_step_types().items():
            label, verb = self.env._(kind.label), self.env._(kind.does)
            row = [line for line in self.lines if f"| `{key}` |" in line]
            self.assertEqual(len(row), 1, key)
            words = [cell.strip().lower() for cell in row[0].strip("|").split("|")]
            self.assertEqual(words, [label.lower(), f"`{key}`", verb.lower()])

    def test_outcomes(self):
        traces = self.env["marketing.trace"]
        states = dict(traces._fields["state"]._description_selection(self.env))
        for key, label in traces._selection_outcome():
            self.assertRow(label, f"`{key}`", states.get(key, states[CANCELED]))

    def test_states_of_participants(self):
        field = self.env["marketing.participant"]._fields["state"]
        for key, label in field._description_selection(self.env):
            self.assertRow(label, f"`{key}`")

    def test_one_name_in_cards_lists_and_reports(self):
        """What is counted is called the same, whoever counts it."""
        labels = dict(self.env["marketing.trace"]._selection_outcome())
        figures = self.env["marketing.activity"]._get_figure_rules()
        fields = self.env["marketing.activity"]._fields
        self.assertEqual({key: self.env._(figures[key].label) for key in labels}, labels)
        self.assertEqual(fields["processed"].string, labels["processed"])
        self.assertEqual(fields["rejected"].string, labels["rejected"])
        mailing = self.env["mailing.mailing"]._fields
        for name, key in (("marketing_waiting", "scheduled"), ("marketing_rejected", "rejected")):
            self.assertEqual(mailing[name].string.lower(), labels[key].lower())


@tagged("post_install", "-at_install")
class TestSentences(TransactionCase):
    """What is waited for, and when a step comes, is said in whole sentences."""

    def test_each_trigger_has_a_sentence(self):
        values = {"does": "Sends", "delay": "3 days", "parent": "Welcome", "branch": "Yes"}
        for key, trigger in self.env["marketing.activity"]._get_triggers().items():
            with self.subTest(trigger=key):
                for sentence in (trigger.sentence, trigger.at_once):
                    text = str(sentence) % values
                    self.assertRegex(text, r"^Sends .*[^.]\.$")
                    self.assertEqual("“Welcome”" in text, key != "begin")
                self.assertIn("3 days", str(trigger.sentence) % values)
                if key != "activity":
                    self.assertIsNot(trigger.sentence, AFTER)
                    self.assertIsNot(trigger.at_once, RIGHT_AFTER)
                self.assertEqual("unless" in str(trigger.sentence), trigger.negative)

    def test_unless_it_was_opened(self):
        triggers = self.env["marketing.activity"]._get_triggers()
        values = {"does": "Sends", "delay": "3 days", "parent": "Welcome"}
        self.assertEqual(
            str(triggers["mail_not_open"].sentence) % values,
            "Sends 3 days after “Welcome”, unless it was opened by then.",
        )

    def test_events_of_messages_have_sentences(self):
        Activity = self.env["marketing.activity"]
        messages = Activity._get_message_types()
        step = Activity.new({"name": "Welcome"})
        for key, event in Activity._get_events().items():
            happened, not_happened = (
                step._describe_event(key, is_negative) for is_negative in (False, True)
            )
            self.assertNotEqual(happened, not_happened)
            for text in (happened, not_happened):
                self.assertTrue(re.match("“Welcome”", text), text)
            if event.category in messages:
                self.assertIsNot(event.happened, HAPPENED)
        self.assertEqual(step._describe_event("mail_open"), "“Welcome” was opened")
        self.assertEqual(step._describe_event("activity_done", True), "“Welcome”: not to-do done")

from odoo.tests import common

from ..benchmarks.chaos.duplicates import Delivery, Strike, explain


class TestDuplicates(common.BaseCase):
    """What "make chaos" says of messages that were received twice."""

    MARKS = {"good": [1.02], "cut": [8.02], "twice": [5.02]}
    STRIKE = Strike("kill_server", 0, 5.01, 5.01)

    def explain(self, strikes, **deliveries):
        deliveries = {
            "good": [Delivery(1, 0)],
            **{name: [Delivery(*each) for each in given] for name, given in deliveries.items()},
        }
        return tuple(map(len, explain(deliveries, self.MARKS, strikes)))

    def test_struck_before_the_mark(self):
        self.assertEqual(self.explain([self.STRIKE], cut=[(5, 0), (8, 1)]), (1, 0))

    def test_mail_server_dropped(self):
        drop = self.STRIKE._replace(kind="drop_mail_server", server=None)
        self.assertEqual(self.explain([drop], cut=[(5, 0), (8, 1)]), (1, 0))

    def test_nothing_happened(self):
        self.assertEqual(self.explain([], cut=[(5, 0), (8, 1)]), (0, 1))

    def test_another_server_was_struck(self):
        self.assertEqual(self.explain([self.STRIKE], cut=[(5, 1), (8, 0)]), (0, 1))

    def test_struck_at_another_time(self):
        for moment in (4.3, 5.8):
            strike = self.STRIKE._replace(start=moment, end=moment)
            self.assertEqual(self.explain([strike], cut=[(5, 0), (8, 0)]), (0, 1))

    def test_marked_and_sent_again(self):
        self.assertEqual(self.explain([self.STRIKE], twice=[(5, 0), (8, 0)]), (0, 1))

"""A split gives each branch its share of the runs, and each run the same branch."""

from math import sqrt
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.workflow import step_split
from ..models.workflow.step_split import SCALE, get_place, place_sql
from .common import MarketingAutomationCase

RUNS = 100_000
STEP = 7  # the same runs each time the test runs


@tagged("post_install", "-at_install")
class TestShares(MarketingAutomationCase):
    def count(self, weights):
        """Numbers of runs by branch."""
        split = self.create_activity(
            self.create_campaign(),
            "split",
            branch_ids=[
                Command.create({"branch_type": "random", "sequence": sequence, "weight": weight})
                for sequence, weight in enumerate(weights)
            ],
        )
        with patch.object(
            step_split, "place_sql", lambda participant_id, _step: place_sql(participant_id, STEP)
        ):
            branch = split._get_step_type().branch_sql(split)
        rows = self.env.execute_query(
            SQL(
                "SELECT %s, count(*) FROM (SELECT generate_series(1, %s) AS participant_id)"
                " AS trace GROUP BY 1",
                branch,
                RUNS,
            )
        )
        counts = dict(rows)
        self.assertEqual(sum(counts.values()), RUNS)
        self.assertLessEqual(set(counts), set(split.branch_ids.ids), "Everybody takes a branch")
        return [counts.get(branch.id, 0) for branch in split.branch_ids]

    def test_shares_of_weights(self):
        for weights in (
            (50, 50),
            (1, 1, 1),
            (90, 10),
            (1, 99),
            (0, 3, 0, 7),
            (1, 1_000_000),
            (999_983, 1_000_000, 17),
            tuple(range(1, 13)),
        ):
            for weight, number in zip(weights, self.count(weights), strict=True):
                share = weight / sum(weights)
                with self.subTest(weights=weights, weight=weight):
                    deviation = sqrt(RUNS * share * (1 - share))
                    self.assertLessEqual(abs(number - RUNS * share), 4 * deviation)

    def test_python_and_sql_agree(self):
        ids = [*range(1, 2000), *range(2**31 - 2000, 2**31)]
        steps = (1, 42, 2**31 - 1)
        for step in steps:
            rows = self.env.execute_query(
                SQL("SELECT id, %s FROM unnest(%s) AS id", place_sql(SQL("id"), step), ids)
            )
            self.assertEqual(dict(rows), {number: get_place(number, step) for number in ids})
            self.assertTrue(all(0 <= place < SCALE for _number, place in rows))

    def test_splits_do_not_follow_one_another(self):
        """Who goes left at one split goes left at the next one as often as not."""
        places = SQL(", ").join(place_sql(SQL("id"), step) for step in (1, 2))
        [(number,)] = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM generate_series(1, %s) AS id,"
                " LATERAL (SELECT %s) AS place (one, two)"
                " WHERE (place.one < %s) = (place.two < %s)",
                RUNS,
                places,
                SCALE // 2,
                SCALE // 2,
            )
        )
        self.assertLessEqual(abs(number - RUNS / 2), 4 * sqrt(RUNS / 4))

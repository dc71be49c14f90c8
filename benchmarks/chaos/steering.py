"""A second campaign for the same people, of steps that steer; where each of them ends is known.

A condition sends a third of them by a "go to" straight to where the run ends. The others wait to
be woken, and are split: one half goes round a loop three times, the other half ends its run,
whatever is still scheduled for it.
"""

from .. import data

# Of the color of a contact, which is its number modulo this.
SHORT_CUT = 3
ROUNDS = 3
WOKEN = "Woken"
POLL_JOB = "marketing_automation.ir_cron_poll"


class Steering:
    """The campaign.

    :ivar int campaign_id: the campaign
    :ivar dict steps: ids of the activities by name
    """

    def __init__(self, env, make_code, effect):
        """
        :param make_code: function that makes an activity that runs code
        :param str effect: code that counts who has run it
        """
        self.campaign = data.campaign(env, "chaos that steers", [("ref", "=", "chaos")])
        self.campaign_id = self.campaign.id
        condition = self._step(env, "condition")
        condition.branch_ids[0].domain = repr([("color", "=", 0)])
        short_cut, otherwise = condition.branch_ids
        wait = self._step(
            env,
            "wait",
            branch=otherwise,
            wait_type="filter",
            wait_domain=repr([("function", "=", WOKEN)]),
        )
        split = self._step(env, "split", branch=wait.branch_ids.sorted("sequence")[0])
        way_a, way_b = split.branch_ids
        round_trip = make_code(env, self.campaign, "round", effect, **self._on(way_a))
        last = make_code(env, self.campaign, "last", effect, **self._on(way_b))
        again = self._step(
            env, "goto", parent=round_trip, goto_activity_id=round_trip.id, max_visits=ROUNDS
        )
        steps = [
            condition,
            wait,
            split,
            round_trip,
            last,
            again,
            self._step(env, "goto", branch=short_cut, goto_activity_id=last.id, name="short cut"),
            self._step(env, "exit", parent=last),
            data.activity(
                env,
                self.campaign,
                1,
                "days",
                name="later",
                parent_id=condition.id,
                trigger_type="activity",
                server_action_id=last.server_action_id.id,
            ),
        ]
        self.steps = {step.name: step.id for step in steps}
        self.start(env)

    def _step(self, env, kind, parent=None, branch=None, **vals):
        values = {"name": kind, "activity_type": kind, **vals}
        if parent:
            values.update(parent_id=parent.id, trigger_type="activity")
        if branch:
            values.update(self._on(branch))
        return data.activity(env, self.campaign, 0, "hours", **values)

    @staticmethod
    def _on(branch):
        return {
            "parent_id": branch.activity_id.id,
            "branch_id": branch.id,
            "trigger_type": "branch",
        }

    def start(self, env):
        """A circle without time keeps a campaign from its start only."""
        again = env["marketing.activity"].browse(self.steps["goto"])
        again.interval_number = 1
        again.campaign_id.action_start_campaign()
        again.interval_number = 0

    def wake(self, env, share=100):
        """Let so many percent of the people who wait go on."""
        env.cr.execute(
            "UPDATE res_partner SET function = %s WHERE ref = 'chaos' AND function IS NULL"
            " AND random() * 100 < %s",
            [WOKEN, share],
        )

    def count_left(self, env):
        """How much is still to be done: who is not enrolled, due or waits though woken."""
        env.cr.execute(
            """
            SELECT
                (SELECT count(*) FROM res_partner WHERE ref = 'chaos' AND id NOT IN (
                    SELECT res_id FROM marketing_participant WHERE campaign_id = %s
                )) + (
                    SELECT count(*) FROM marketing_trace trace
                    JOIN res_partner partner ON partner.id = trace.res_id
                    WHERE activity_id = ANY(%s) AND state = 'scheduled' AND (
                        schedule_date <= now() AT TIME ZONE 'UTC'
                        OR wait_since IS NOT NULL AND function = %s
                    )
                )
            """,
            [self.campaign_id, list(self.steps.values()), WOKEN],
        )
        return env.cr.fetchone()[0]

    def check(self, expect, count):
        """Everybody has gone one way to its end, once.

        :param expect: function of a name, a query, its parameters and the number to be found
        :param count: function of a query and its parameters
        """
        everybody = count("SELECT count(*) FROM res_partner WHERE ref = 'chaos'")
        short = count("SELECT count(*) FROM res_partner WHERE ref = 'chaos' AND color = 0")
        loops = count(
            "SELECT count(*) FROM marketing_trace trace"
            " JOIN marketing_activity step ON step.branch_id = trace.branch_id"
            " WHERE trace.activity_id = %s AND step.id = %s",
            self.steps["split"],
            self.steps["round"],
        )
        ends = everybody - loops
        numbers = {
            "condition": everybody,
            "wait": everybody - short,
            "split": everybody - short,
            "round": ROUNDS * loops,
            "goto": ROUNDS * loops,
            "short cut": short,
            "last": ends,
            "exit": ends,
        }
        for name, number in numbers.items():
            for condition in ("TRUE", "state = 'processed'"):
                expect(
                    f"traces of {name} where {condition}",
                    f"SELECT count(*) FROM marketing_trace WHERE activity_id = %s AND {condition}",
                    self.steps[name],
                    number=number,
                )
        for name, people in (("round", loops), ("last", ends)):
            for what, number in (("count(*)", numbers[name]), ("count(DISTINCT res_id)", people)):
                expect(
                    f"effects of {name}, {what}",
                    f"SELECT {what} FROM bench_effect WHERE step = %s",
                    name,
                    number=number,
                )
        for state, reason, number in (("canceled", "exited", ends), ("scheduled", None, loops)):
            expect(
                f"{state} traces of later",
                "SELECT count(*) FROM marketing_trace WHERE activity_id = %s AND state = %s"
                " AND state_reason IS NOT DISTINCT FROM %s",
                self.steps["later"],
                state,
                reason,
                number=number,
            )
        for state, number in (("exited", ends), ("running", loops)):
            expect(
                f"{state} runs",
                "SELECT count(*) FROM marketing_participant WHERE campaign_id = %s AND state = %s",
                self.campaign_id,
                state,
                number=number,
            )

    def meddle(self, env, choice):
        """A person changes the campaign while it runs, or stops it."""
        campaign = env["marketing.campaign"].browse(self.campaign_id)
        if choice:
            wait = env["marketing.activity"].browse(self.steps["wait"])
            wait.wait_limit_number += 1
            campaign.action_update_participants()
        else:
            campaign.action_stop_campaign()

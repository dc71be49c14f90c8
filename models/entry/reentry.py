"""Who has been in a campaign may come in again, or not: one rule for all ways in."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...tools.states import FORGOTTEN, KNOWN, RUNNING, TOO_SOON, UNDER_WAY
from ...tools.timing import shift_sql

_lt = LazyTranslate("marketing_automation")

REENTRIES = {
    "never": _lt("Once"),
    "after_end": _lt("Again after the last run ended"),
    "always": _lt("Any time, with runs beside each other"),
}
HOURS = {"hours": 1, "days": 24, "weeks": 168, "months": 672}
# A filter entry looks each hour: without a delay it would let everybody in at each look.
LEAST_HOURS = 24
MAX_DELAY = 10_000


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    reentry = fields.Selection(
        selection="_selection_reentry",
        string="Re-entry",
        default="never",
        required=True,
        tracking=True,
        help="Whether the same record, or the same person by the unicity field, comes in again. A"
        " run with a key of its own, such as the number of an order, is made once whatever this"
        " says.",
    )
    reentry_delay_number = fields.Integer(
        "Least Time Between Runs",
        tracking=True,
        help="Nobody comes in again before so long after the last run began. 0: at once.",
    )
    reentry_delay_type = fields.Selection(
        [("hours", "Hours"), ("days", "Days"), ("weeks", "Weeks"), ("months", "Months")],
        string="Unit of Least Time",
        default="days",
        required=True,
        tracking=True,
    )

    _check_reentry_delay_number = models.Constraint(
        f"CHECK(reentry_delay_number BETWEEN 0 AND {MAX_DELAY})",
        f"The least time between runs is between 0 and {MAX_DELAY:,}.",
    )

    @api.model
    def _selection_reentry(self):
        return [(key, self.env._(label)) for key, label in REENTRIES.items()]

    @api.constrains("reentry", "reentry_delay_number", "reentry_delay_type", "entry_ids")
    def _check_reentry(self):
        for campaign in self:
            hours = campaign.reentry_delay_number * HOURS[campaign.reentry_delay_type]
            if (
                campaign.reentry != "never"
                and hours < LEAST_HOURS
                and campaign._get_open_entry("filter")
            ):
                raise ValidationError(
                    self.env._(
                        "Campaign “%(campaign)s” lets all in that match its filter, again and"
                        " again: set a day or more between two runs.",
                        campaign=campaign.name,
                    )
                )

    @api.onchange("reentry", "entry_ids")
    def _onchange_reentry(self):
        """A delay that the filter entry needs."""
        is_again = self.reentry != "never" and not self.reentry_delay_number
        if is_again and self._get_open_entry("filter"):
            self.reentry_delay_number, self.reentry_delay_type = 30, "days"

    def _get_blocking(self, run, moment):
        """By which runs of the same person nobody comes in without a key of their own.

        Who was forgotten has not asked to begin anew.

        :param SQL run: alias of the table of participants
        :param SQL moment: when it would begin
        :return: conditions on the run, by the reason
        :rtype: dict[str, SQL]
        """
        if self.reentry == "never":
            return {KNOWN: SQL("TRUE")}
        blocking = {KNOWN: SQL("%s.res_id = %s", run, FORGOTTEN)}
        if self.reentry == "after_end":
            blocking[UNDER_WAY] = SQL("%s.state = %s", run, RUNNING)
        if self.reentry_delay_number:
            blocking[TOO_SOON] = SQL(
                "%s > %s",
                shift_sql(
                    SQL("%s.create_date", run),
                    SQL("%s", self.reentry_delay_number),
                    SQL("%s", self.reentry_delay_type),
                    self._get_timezone(),
                ),
                moment,
            )
        return blocking

    def _blocking_sql(self):
        """Whether a run, with the alias ``known``, keeps the same person out now."""
        now = SQL("%s::timestamp", fields.Datetime.now())
        conditions = self._get_blocking(SQL("known"), now).values()
        return SQL("(%s)", SQL(" OR ").join(conditions))

    @api.model
    def _lane_sql(self):
        """What two records that become one cannot both have: a run with the same key, or one that
        keeps out the other. Of ``participant`` in ``campaign``."""
        return SQL(
            """CASE
                WHEN participant.entry_key != '' AND NOT starts_with(participant.entry_key, ' ')
                    THEN participant.entry_key
                WHEN campaign.reentry = 'never' THEN ''
                WHEN campaign.reentry = 'after_end' AND participant.state = %s THEN ' '
                ELSE concat(' ', participant.id)
            END""",
            RUNNING,
        )

    def _number_runs(self, res_id):
        """Number the runs of a record that has got further ones; the key of none is free again."""
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_participant participant SET run_number = run.number
                FROM (
                    SELECT id, row_number() OVER (ORDER BY create_date, id) AS number
                    FROM marketing_participant
                    WHERE campaign_id = %s AND res_id = %s AND NOT is_test
                ) AS run
                WHERE run.id = participant.id AND run.number > participant.run_number
                RETURNING participant.id
                """,
                self.id,
                res_id,
            )
        )

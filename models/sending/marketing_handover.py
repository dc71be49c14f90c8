"""What was handed over of late: how fast a campaign is sent, and how much more it may send."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.sending_pace import HOUR, PACE_WINDOW
from ...tools.sets import traces_sql
from ..figures.marketing_activity_figures import UncheckedMany2one


class MarketingHandover(models.Model):
    """Messages of an activity that left at the same moment, without tests.

    Senders beside each other add rows, and never wait for each other. They are kept until the
    next clean-up.
    """

    _name = "marketing.handover"
    _description = "Marketing Automation: Messages Handed Over"
    _log_access = False

    activity_id = UncheckedMany2one("marketing.activity", required=True)
    company_id = UncheckedMany2one("res.company")
    moment = fields.Datetime(required=True, help="When they were handed over, in UTC.")
    number = fields.Integer(required=True, help="How many messages.")

    _moment = models.Index("(activity_id, moment)")

    @api.model
    def _note(self, traces):
        """The messages of these traces, those that have not left before, leave now."""
        self.env.flush_all()
        self.env.cr.execute(self._note_sql(traces_sql(traces.ids)))

    @api.model
    def _note_sql(self, traces):
        """``INSERT`` that takes note of those whose messages leave now.

        :param SQL traces: query of ``activity_id, company_id, is_test, sent_datetime``
        """
        return SQL(
            """
            INSERT INTO marketing_handover (activity_id, company_id, moment, number)
            SELECT activity_id, company_id, %s, count(*) FROM (%s) AS trace
            WHERE sent_datetime IS NULL AND NOT is_test
            GROUP BY activity_id, company_id
            """,
            fields.Datetime.now(),
            traces,
        )

    @api.model
    def _get_recent(self, activities):
        """What was handed over of these activities in the ``PACE_WINDOW``, in companies that
        one may see.

        :return: pairs of the moment and the number
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT moment, sum(number)::int FROM marketing_handover
                WHERE activity_id = ANY(%s) AND moment > %s
                    AND (company_id IS NULL OR company_id = ANY(%s))
                GROUP BY moment
                """,
                activities.ids,
                fields.Datetime.now() - PACE_WINDOW,
                self.env.companies.ids,
            )
        )

    @api.autovacuum
    def _gc_old(self):
        """Only the last hour is looked at."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM marketing_handover WHERE moment < %s",
                fields.Datetime.now() - HOUR,
            )
        )

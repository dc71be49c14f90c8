"""Who comes in by a date, before the campaign starts."""

from datetime import timedelta

from odoo import models
from odoo.tools import SQL, format_datetime

# So far dates are looked ahead.
FORESEEN = timedelta(days=31)


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    def _foresee_dates(self, moment):
        """When the first one comes in by a date, and how many within a month, in a few words.

        :param datetime moment: when the campaign starts, in UTC
        """
        _, campaign = self.env._, self.campaign_id
        if self._get_problems():
            return ""
        occurrences, until = self._get_occurrences(), moment + FORESEEN
        domain = campaign._as_seen_by(self.env.user, campaign._get_searched_domain())
        matching = campaign._get_audience_model()._search(domain)
        self.env.flush_all()
        with campaign._limited_search():
            [(count, first)] = self.env.execute_query(
                SQL(
                    "SELECT count(*), min(moment) FROM (%s) AS found WHERE id IN (%s)",
                    occurrences.moments_sql(
                        self._dates_sql(occurrences, moment, until), moment, until
                    ),
                    matching.select(SQL.identifier(matching.table, "id")),
                )
            )
        if not count:
            return _("nobody comes in within %(days)s days", days=FORESEEN.days)
        return _(
            "the first comes in on %(day)s at %(time)s, %(count)s in all within %(days)s days",
            day=format_datetime(self.env, first, dt_format="d MMMM"),
            time=format_datetime(self.env, first, dt_format="H:mm"),
            count=f"{count:,}",
            days=FORESEEN.days,
        )

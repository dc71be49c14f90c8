"""How many records a campaign takes in by its filter, if it starts now."""

from typing import NamedTuple

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class Audience(NamedTuple):
    """Who matches the filter of a campaign.

    :param matching: how many records
    :param known: those of them that a run keeps out
    :param duplicates: those of them that are somebody who enters, or takes part, already
    :param res_ids: the first ones of those who enter, see :meth:`_get_audience`
    """

    matching: int
    known: int
    duplicates: int
    res_ids: list

    @property
    def entering(self):
        """How many enter now."""
        return self.matching - self.known - self.duplicates


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _get_audience(self, limit=None):
        """Who would enter by the filter entry now, and why others would not, in one statement.

        Counted are records that the user who asks may see, too.

        :param int limit: how many of those who enter are named; None: all
        :rtype: Audience
        """
        self.ensure_one()
        domain = self._get_forecast_domain()
        new = self._new_query(domain)
        self.env.flush_all()
        with self._limited_search():
            [(matching, unknown, entering, res_ids)] = self.env.execute_query(
                SQL(
                    """
                    SELECT (SELECT count(*) FROM (%(matching)s) AS matching),
                        (SELECT count(*) FROM (%(new)s) AS new),
                        count(*),
                        (array_agg(id ORDER BY id))[:%(limit)s]
                    FROM (%(entering)s) AS entering
                    """,
                    matching=self._get_audience_model()._search(domain).select(SQL("1")),
                    new=new.select(SQL("1")),
                    limit=limit,
                    entering=self._one_of_each_sql(new),
                )
            )
        return Audience(matching, matching - unknown, unknown - entering, res_ids or [])

    def _get_forecast_domain(self):
        """The audience of the filter entry, as far as the user who asks sees it, too."""
        entry = self._get_open_entry("filter")
        if not entry:
            return Domain.FALSE
        domain = self._as_seen_by(self.env.user, self._get_searched_domain())
        if entry.only_new:
            # Before the first start nobody is new.
            start = self.start_date
            domain &= Domain("create_date", ">=", start) if start else Domain.FALSE
        return domain

"""One campaign with a slow filter does not hold up the others."""

from contextlib import contextmanager

from psycopg2.errors import QueryCanceled

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, config

from ...tools.parameters import get_positive

SEARCH_SECONDS_PARAMETER = "marketing_automation.search_seconds"
SEARCH_SECONDS = 60


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    last_try_date = fields.Datetime(
        "Enrolment Tried On",
        copy=False,
        readonly=True,
        help="When participants were last searched for, whether that was in time or not. The job"
        " begins with the campaign that has waited longest.",
    )

    @contextmanager
    def _limited_search(self, **settings):
        """PostgreSQL ends each query within, a search of the target, when it takes too long.

        :param settings: others of PostgreSQL that are to hold for them
        :raise UserError: if it does
        """
        seconds = self._get_search_seconds()
        settings["statement_timeout"] = str(int(seconds * 1000))
        try:
            # An error within ends the settings, too.
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    SQL(
                        "SELECT %s",
                        SQL(", ").join(
                            SQL("set_config(%s, %s, TRUE)", name, value)
                            for name, value in settings.items()
                        ),
                    )
                )
                yield
                self.env.cr.execute(
                    SQL("; ").join(
                        SQL("SET LOCAL %s TO DEFAULT", SQL.identifier(name)) for name in settings
                    )
                )
        except QueryCanceled as error:
            raise UserError(
                self.with_context(lang=self.user_id.lang).env._(
                    "The search for records that match took longer than %(seconds)s seconds."
                    " Simplify the filter: most often a condition on a text without the beginning"
                    " of it, or on many related records, is slow.",
                    seconds=round(seconds),
                )
            ) from error

    @api.model
    def _get_search_seconds(self):
        """How long one search may take: a setting, but never more than half of the time after
        which Odoo ends a job, with all that others wait for."""
        seconds = get_positive(self.env, SEARCH_SECONDS_PARAMETER, SEARCH_SECONDS)
        limit = config["limit_time_real_cron"]
        limit = config["limit_time_real"] if limit < 0 else limit
        return min(seconds, limit / 2) if limit else seconds

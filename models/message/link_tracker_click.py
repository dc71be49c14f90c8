import logging

from odoo import api, fields, models
from odoo.http import request
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools.robots import is_robot
from .link_tracker import NUL

_logger = logging.getLogger(__name__)

# How long addresses of robots, scanners and wrong links are kept, against abuse.
UNCOUNTED_DAYS = 30


class LinkTrackerClick(models.Model):
    _inherit = "link.tracker.click"

    link_url = fields.Char("Link URL", related="link_id.url")
    company_id = fields.Many2one(
        "res.company",
        readonly=True,
        help="The company of the record to which a campaign sent the message.",
    )
    counts_for_campaign = fields.Boolean(
        compute="_compute_counts_for_campaign",
        store=True,
        precompute=True,
        help="A person clicked in a message of a campaign; not in a test. It stays when the"
        " statistics of the message are deleted.",
    )

    @api.depends("mailing_trace_id")
    def _compute_counts_for_campaign(self):
        for click in self:
            trace = click.sudo().mailing_trace_id
            click.counts_for_campaign = bool(trace.marketing_trace_id) and not trace.is_test_trace

    # The enrolment job counts anew what was clicked of late.
    _recent = models.Index("(create_date, link_id)")

    @api.model
    def add_click(self, code, **route_values):
        """Odoo notes that the message was opened, then that it was clicked; for a campaign
        this is one event."""
        if NUL in code:
            return None
        clicks = super(LinkTrackerClick, self.with_context(marketing_click=True))
        click = clicks.add_click(code, **route_values)
        if click:
            click.sudo().mailing_trace_id._hold_back()
        return click

    @api.model_create_multi
    def create(self, vals_list):
        """Odoo counts all clicks of a link anew at each click, and writes the number on the
        link, where visitors of the same moment stop each other. In campaigns a click adds one.
        """
        links = self.env["link.tracker"].browse({vals["link_id"] for vals in vals_list})
        automated = links.sudo().filtered("mass_mailing_id.use_in_marketing_automation")
        with self.env.protecting([links._fields["count"]], automated):
            clicks = super().create(vals_list)
        for link, group in clicks.grouped("link_id").items():
            if link in automated:
                self._count_clicks(link, len(group))
        return clicks

    @api.model
    def _count_clicks(self, link, number):
        """Add clicks to a link; who meets another visitor here leaves it to the job."""
        try:
            # The savepoint in the same trip to the database: the visitor waits.
            self.env.cr.execute(
                SQL(
                    """
                    SAVEPOINT count_clicks;
                    UPDATE link_tracker SET count = coalesce(count, 0) + %s
                    WHERE id IN (
                        SELECT id FROM link_tracker WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED
                    );
                    RELEASE SAVEPOINT count_clicks
                    """,
                    number,
                    link.id,
                ),
                log_exceptions=False,
            )
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.execute("ROLLBACK TO SAVEPOINT count_clicks")
            _logger.debug("Link %s is counted later", link.id)
        link.invalidate_recordset(["count"])

    @api.model
    def _recount_clicks(self):
        """Put the numbers of links of campaigns right that were clicked of late."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE link_tracker link SET count = click.number
                FROM (
                    SELECT click.link_id, count(*) AS number
                    FROM link_tracker_click click
                    JOIN link_tracker link ON link.id = click.link_id
                    JOIN mailing_mailing mailing ON mailing.id = link.mass_mailing_id
                    WHERE mailing.use_in_marketing_automation AND click.link_id IN (
                        SELECT link_id FROM link_tracker_click WHERE create_date > %s
                    )
                    GROUP BY click.link_id
                ) AS click
                WHERE link.id = click.link_id AND link.count IS DISTINCT FROM click.number
                RETURNING link.id
                """,
                self.env["marketing.campaign"]._get_repair_start(),
            )
        )
        self.env["link.tracker"].invalidate_model(["count"])

    @api.autovacuum
    def _gc_uncounted_addresses(self):
        """Forget the addresses of requests that a campaign did not count as clicks: nothing else
        leads to them when their recipient is forgotten."""
        before = fields.Datetime.subtract(fields.Datetime.now(), days=UNCOUNTED_DAYS)
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE link_tracker_click click SET ip = NULL
                FROM link_tracker link
                JOIN mailing_mailing mailing ON mailing.id = link.mass_mailing_id
                WHERE link.id = click.link_id AND mailing.use_in_marketing_automation
                    AND click.mailing_trace_id IS NULL AND click.ip IS NOT NULL
                    AND click.create_date < %s
                RETURNING click.id
                """,
                before,
            )
        )
        self.invalidate_model(["ip"])

    def _prepare_click_values_from_route(self, **route_values):
        """Only a person's click on a link of the message itself counts for a campaign.

        The address of a tracked link names link and trace apart from each other, so it must
        be one that was sent; and mail servers and previews follow links unasked.
        """
        values = super()._prepare_click_values_from_route(**route_values)
        trace = self.env["mailing.trace"].sudo().browse(values.get("mailing_trace_id") or [])
        if trace.marketing_trace_id:
            trace.marketing_trace_id.fetch(["company_id"])  # no more: the visitor waits
            values["company_id"] = trace.marketing_trace_id.company_id.id
            link = self.env["link.tracker"].sudo().browse(values["link_id"])
            is_own = link.source_id == trace.mass_mailing_id.source_id
            is_sent = link._is_signed_request() or trace._is_visited_as_before()
            is_automatic = self._is_automatic_request()
            if not (is_own and is_sent) or is_automatic or trace._follow(str(link.id)):
                values["mailing_trace_id"] = False
        return values

    def _is_automatic_request(self):
        """Whether the present request comes from a robot, a scanner or a prefetch."""
        if not request:
            return False
        http_request = request.httprequest
        return (
            http_request.method == "HEAD"
            or "prefetch" in http_request.headers.get("Purpose", "").lower()
            or "prefetch" in http_request.headers.get("Sec-Purpose", "").lower()
            or is_robot(http_request.user_agent.string)
        )

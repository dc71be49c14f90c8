"""A campaign starts at a moment that was chosen before."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.rpc import on_records
from .problems import USER_GROUP


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    planned_start_date = fields.Datetime(
        "Starts On",
        compute="_compute_planned_start_date",
        store=True,
        readonly=False,
        copy=False,
        tracking=True,
        help="When the campaign is started by itself, in UTC, unless something keeps it from that;"
        " empty where no start is planned.",
    )
    planned_start_user_id = fields.Many2one(
        "res.users",
        string="Start Planned by",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="With whose rights the campaign is started at the planned moment.",
    )

    @api.depends("state", "active")
    def _compute_planned_start_date(self):
        """Who starts it, or archives it, plans nothing any more."""
        for campaign in self:
            is_open = campaign.active and campaign.state != "running"
            campaign.planned_start_date = is_open and campaign.planned_start_date

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_records
    def action_plan_start(self, moment):
        """Have these campaigns started at a moment, as who asks for it.

        :param moment: in UTC, such as ``2025-12-03 08:00:00``
        :raise UserError: if it is over, or a campaign runs, or something keeps it from running
        """
        self._check_may_operate()
        date = self._parse_moment(moment)
        for campaign in self:
            if campaign.state == "running":
                raise UserError(
                    self.env._("Campaign “%(campaign)s” runs already.", campaign=campaign.name)
                )
            campaign._check_no_problems()
        self.sudo().write({"planned_start_date": date, "planned_start_user_id": self.env.uid})
        self._enrol_soon(date)  # the job that enrols starts, too
        return True

    @on_records
    def action_cancel_planned_start(self):
        """Start these campaigns by hand only."""
        self.check_access("write")
        self.sudo().planned_start_date = False
        return True

    @api.model
    def _parse_moment(self, moment):
        """
        :raise UserError: if it is no moment that is still to come
        """
        try:
            date = fields.Datetime.to_datetime(moment)
        except (TypeError, ValueError):
            date = None
        if not date or date <= fields.Datetime.now():
            raise UserError(self.env._("Choose a date and a time that are still to come."))
        return date

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.model
    def _start_planned(self):
        """Start those whose moment has come, each in a transaction of its own."""
        due = self.search([("planned_start_date", "<=", fields.Datetime.now())])
        for campaign in due:
            with campaign._apart(f"The planned start of campaign {campaign.id}"):
                campaign._start_as_planned()

    def _start_as_planned(self):
        """Start the campaign with the rights of who planned it. What keeps it from that is told the
        responsible; it is not tried again."""
        user = self.planned_start_user_id
        self.planned_start_date = False
        campaign = self.with_context(lang=self._get_user_in_charge().lang)
        problem = campaign._get_planner_problem()
        if not problem:
            theirs = campaign.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
            try:
                with self.env.cr.savepoint():
                    theirs.action_start_campaign()
                return
            except UserError as error:
                self.env.invalidate_all()
                problem = str(error)
        self._message_log(body=problem)
        self._notify_problems(
            campaign._get_problems() or [problem],
            campaign.env._("The campaign did not start as planned"),
        )

    def _get_planner_problem(self):
        """Why the user who planned the start may not start anything any more, or False."""
        user = self.planned_start_user_id
        if user.active and user.has_group(USER_GROUP):
            return False
        return self.env._(
            "The campaign did not start: %(user)s, who planned that, is no user of Marketing"
            " Automation any more.",
            user=user.name or "",
        )

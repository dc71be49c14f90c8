"""A step is taken out of the workflow: what has happened in it stays known."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.rpc import on_records
from ...tools.states import REMOVED
from .tree import LINKS


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    active = fields.Boolean(
        "In the Workflow",
        default=True,
        copy=False,
        readonly=True,
        help="Empty once it was taken out of the workflow after somebody had gone through it: its"
        " traces and figures stay, nothing more is executed. It never comes back.",
    )

    @api.constrains("parent_id", *LINKS)
    def _check_linked_in_workflow(self):
        for name in ("parent_id", *LINKS):
            self.filtered("active")[name]._check_in_workflow()

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("name", "active")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """One that was taken out is marked wherever traces name it."""
        res = super()._compute_display_name()
        for activity in self:
            if not activity.active:
                activity.display_name = self.env._("%(activity)s (removed)", activity=activity.name)
        return res

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    def unlink(self):
        """Take these activities, and those below them, out of the workflow.

        Those that somebody has gone through are archived, with their traces and figures; those
        that nobody has reached, tests aside, are deleted with what is scheduled for them. What was
        taken out before goes with its campaign only.
        """
        self.check_access("unlink")
        campaigns = self.campaign_id
        campaigns._check_may_act_for()
        activities = self._with_descendants()
        reached = activities._filter_reached()
        traces = self.env["marketing.trace"].sudo()
        traces._cancel(SQL("activity_id = ANY(%s)", reached.ids), REMOVED)
        traces._cancel_queued_of(activities)
        res = super(MarketingActivity, activities - reached).unlink()
        reached._take_out()
        campaigns.exists()._note_editor()
        for campaign in campaigns.exists():
            self.env["marketing.participant"].sudo()._settle(SQL("campaign_id = %s", campaign.id))
        return res

    # ------------------------------------------------------------
    # RPC
    # ------------------------------------------------------------

    @on_records
    def get_removal(self):
        """What becomes of these activities, and those below them, if they are deleted; tests aside.

        :return: ``kept``: how many stay in journeys, figures and reports; ``deleted``: how many
            go for good, since nobody has reached them; ``scheduled``: how many steps of
            participants are not executed; ``queued``: how many messages are not sent
        :rtype: dict[str, int]
        """
        self.check_access("read")
        activities = self._with_descendants()
        reached = activities._filter_reached()
        figures = activities._get_figures().values()
        return {
            "kept": len(reached),
            "deleted": len(activities - reached),
            "scheduled": sum(values["scheduled"] for values in figures),
            "queued": sum(values["queued"] for values in figures),
        }

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _check_may_be_written(self, vals):
        """
        :raise UserError: if a client changes what was taken out, or whether it was
        """
        if self.env.su:
            return
        self._check_in_workflow()
        if "active" in vals:
            raise UserError(self.env._("To take a step out of the workflow, delete it."))

    def _check_in_workflow(self):
        """
        :raise UserError: if one of these was taken out of the workflow
        """
        for activity in self:
            if problems := activity._get_removal_problems():
                raise UserError("\n".join(problems))

    def _get_removal_problems(self):
        """Why nothing is done with this activity any more.

        :rtype: list[str]
        """
        if self.active:
            return []
        return [
            self.env._(
                "“%(activity)s” was taken out of the workflow of campaign “%(campaign)s”: it stays"
                " as it was. Add a new step instead.",
                activity=self.name,
                campaign=self.campaign_id.name,
            )
        ]

    def _filter_reached(self):
        """Those that somebody has gone through, or not for a reason; tests aside. Figures know it
        also where retention has deleted the traces."""
        counted = self.env["marketing.activity.figures"].sudo()._read_figures(self, ["metric"])
        ids = {activity.id for activity, _metric, number in counted if number > 0}
        return self.filtered(lambda activity: activity.id in ids)

    def _take_out(self):
        """Leave these activities, with their traces and figures, to history.

        What is left of the workflow does not go on at them nor look at them any more, as if they
        were deleted: it tells what it misses.
        """
        self.sudo().write(
            {"active": False, "is_paused": False, "is_updating": False, "require_sync": False}
        )
        workflow = self.sudo().campaign_id.marketing_activity_ids
        for name in LINKS:
            workflow.filtered(lambda step, name=name: step[name] in self)[name] = False
        workflow.branch_ids.filtered(
            lambda branch: branch.event_activity_id in self
        ).event_activity_id = False

    @api.model
    def _cancel_left_over(self):
        """Cancel what another transaction has scheduled, or a sender put back into the queue, at
        the moment at which its step was taken out."""
        since = self.env["marketing.campaign"]._get_repair_start()
        removed = self.search([("active", "=", False), ("write_date", ">", since)])
        if removed:
            traces = self.env["marketing.trace"]
            live = SQL("activity_id = ANY(%s) AND is_test IS NOT TRUE", removed.ids)
            traces._cancel(live, REMOVED)
            traces._cancel_queued_of(removed)


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    all_activity_ids = fields.One2many(
        "marketing.activity",
        "campaign_id",
        string="Workflow with Its Past",
        context={"active_test": False},
        copy=False,
        readonly=True,
        help="The steps of the workflow, and those that were taken out of it after somebody"
        " had gone through them. Totals count all of them.",
    )

"""The way that a run took at a step that steers: why, and, in a test, another one."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.rpc import check_ids, on_one_record
from ...tools.sets import traces_sql
from ...tools.states import CANCELED, DERIVED_REASONS, ERROR, EXITED, PROCESSED, SCHEDULED


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    branch_reason = fields.Char(
        compute="_compute_branch_reason", help="Why the participant took this branch."
    )

    @api.depends("branch_id", "is_chosen", "state")
    @api.depends_context("lang", "uid")
    def _compute_branch_reason(self):
        for trace in self:
            if not trace.branch_id:
                trace.branch_reason = False
            elif trace.is_chosen:
                trace.branch_reason = self.env._("Chosen by hand")
            else:
                trace.branch_reason = trace.activity_id._get_step_type().explain(trace)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_one_record
    def action_take_branch(self, branch_id):
        """In a test: go on by another way out of this step, whether it has been executed, waits,
        or is scheduled. What followed from the way taken and has not been executed is taken back.

        :param int branch_id: id of a branch of the step
        :raise ValidationError: if it is no id
        :raise UserError: in a real journey, for a branch of another step, for a step that was
            cancelled or rejected, and where the step cannot run
        """
        self.campaign_id._check_may_operate()
        branch = self.env["marketing.activity.branch"].browse([branch_id])
        check_ids(branch)
        trace = self.sudo()
        trace._check_can_take(branch)
        trace.participant_id._undo_exit()
        followers = trace._get_followers_of_way(trace.branch_id)
        followers.filtered(lambda trace: trace._is_underived()).unlink()
        trace.state = SCHEDULED
        trace.activity_id._steer(trace.ids, branch)
        trace._go_on_behind(branch)
        trace.participant_id.check_completed()
        return True

    def _check_can_take(self, branch):
        """
        :raise UserError: if another way cannot be taken here
        """
        _ = self.env._
        values = {"activity": self.activity_id.name, "campaign": self.campaign_id.name}
        if not self.is_test:
            raise UserError(
                _(
                    "Only in a test another branch can be chosen: “%(activity)s” of campaign"
                    " “%(campaign)s” decides for real participants.",
                    **values,
                )
            )
        if branch not in self.activity_id.branch_ids:
            raise UserError(
                _(
                    "This is no branch of “%(activity)s” of campaign “%(campaign)s”: choose one"
                    " of its branches.",
                    **values,
                )
            )
        if self.state not in (SCHEDULED, PROCESSED, ERROR):
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                _(
                    "“%(activity)s” of campaign “%(campaign)s” is %(state)s in this test: launch"
                    " another one to choose a branch.",
                    state=states[self.state],
                    **values,
                )
            )
        self.participant_id._check_not_forgotten()
        if problems := self.activity_id._get_run_problems():
            raise UserError("\n".join(problems))

    # ------------------------------------------------------------
    # ENGINE
    # ------------------------------------------------------------

    def _get_followers_of_way(self, branch):
        """What has followed from a way out of this step, at any depth; not what comes after it
        whatever the way."""
        below = self.child_ids.filtered(
            lambda child: child.trigger_type == "branch" and child.activity_id.branch_id == branch
        )
        found = self.browse()
        while below:
            found |= below
            below = below.child_ids - found
        return found

    def _is_underived(self):
        """See ``_underived_sql``."""
        return self.state == SCHEDULED or (
            self.state == CANCELED and self.state_reason in DERIVED_REASONS
        )

    def _go_on_behind(self, branch):
        """Schedule what follows the steps on a way that were executed when it was taken before."""
        done = self._get_followers_of_way(branch).filtered(lambda trace: trace.state == PROCESSED)
        self._schedule_children(done.activity_id.child_ids, traces_sql(done.ids))
        jumps = done.filtered(lambda trace: trace.activity_type == "goto" and not trace.child_ids)
        self._jump(self.activity_id.campaign_id, jumps.ids)


class MarketingParticipant(models.Model):
    _inherit = "marketing.participant"

    def _undo_exit(self):
        """Tests that have exited go on, with what was cancelled by that."""
        for run in self.filtered(lambda run: run.state == EXITED):
            run.action_set_running()
            run.trace_ids.filtered(lambda trace: trace.state_reason == EXITED).write(
                {"state": SCHEDULED, "state_reason": False, "execution_date": False}
            )

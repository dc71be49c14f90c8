"""Server actions that let records into a campaign, or end their runs in it."""

import logging

from odoo import models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools.admission import Wanted
from ...tools.run import ActionRun, RuleRun
from ..workflow.ir_actions_server_types import CAMPAIGN_STATES

_logger = logging.getLogger(__name__)

# Whoever causes an event does not wait for a job that lets in the same people.
LOCK_SECONDS = 2
# Ids of records by that of the action, until the transaction ends: those that are moved at this
# moment, and those that wait.
MOVING = "marketing_moving"
WAITING = "marketing_waiting"


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    def _run_action_marketing_enrol_multi(self, eval_context=None):
        self._move_run_records(eval_context)

    def _run_action_marketing_exit_multi(self, eval_context=None):
        self._move_run_records(eval_context)

    def _get_campaign_warning(self):
        """Why the campaign cannot be used; empty if it can."""
        campaign = self.marketing_campaign_id
        if not campaign.active:
            return self.env._("Choose a campaign: it has none, or one that is gone or archived.")
        if self.base_automation_id.marketing_entry_ids:
            # The entry knows the way from the record of the event to the target.
            return ""
        if campaign.model_id != self.model_id:
            return self.env._(
                "Campaign “%(campaign)s” is for other records.", campaign=campaign.name
            )
        return ""

    # ------------------------------------------------------------
    # WHO MAY
    # ------------------------------------------------------------

    def _move_run_records(self, eval_context):
        """Move the records that the action runs on: now, or together with the others that the
        same rule runs it on."""
        records = self._get_run_records(eval_context)
        if rule := RuleRun.of(self.env):
            rule.note(self, records.ids)
            return
        self._check_may_move()
        self._move(records.sudo(False).exists()._filtered_access("read").ids)

    def _check_may_move(self):
        """Who runs the action may change the campaign, or an administrator has named a group of
        theirs in it.

        A step of a campaign acts for its responsible, who must be allowed to do it themselves;
        nor are the actions that marketing users make an administrator's word.

        :raise AccessError: if they may not
        """
        user = self.env.user
        is_granted = self.group_ids & user.all_group_ids and not self.made_by_marketing
        if user._is_superuser() or (is_granted and not ActionRun.of(self.env)):
            return
        self.marketing_campaign_id.sudo(False)._check_may_operate()

    def _may_move_in(self, env):
        """Whether the user of an environment may change the campaigns that this action, or a part
        of it, lets records into, or out of."""
        moving = self._get_all_actions().filtered(lambda action: action.state in CAMPAIGN_STATES)
        return all(
            campaign.with_env(env)._may_act_for_responsible()
            for campaign in moving.marketing_campaign_id
        )

    # ------------------------------------------------------------
    # LET IN, LET OUT
    # ------------------------------------------------------------

    def _move(self, res_ids):
        """Let records into the campaign, or end their runs in it.

        :param list res_ids: ids of records of the action's model
        """
        campaign = self.marketing_campaign_id.sudo()
        if self.state == "marketing_exit":
            campaign._exit_records(res_ids, "action")
        elif entry := self.sudo().base_automation_id.marketing_entry_ids:
            entry._admit_events(res_ids)
        else:
            campaign._admit([Wanted(res_id) for res_id in res_ids])

    def _move_for_rule(self, res_ids, is_computing=False):
        """Move records that a rule has handed over, if it lets anybody in, or out.

        :param bool is_computing: whether that has to wait until all of them are computed
        """
        entry = self.base_automation_id.marketing_entry_ids
        if not self._is_open_for_rules() or (entry and not entry._counts_event()):
            return
        if self.env.context.get("import_file"):
            self._move_later(res_ids)  # a file changes its records one by one
        elif is_computing:
            self._move_before_commit(res_ids)
        elif res_ids:
            # What follows from the same change is no event of its own.
            before_commit = self.env.cr.precommit.data
            before_commit.setdefault(MOVING, {})[self.id] = set(res_ids)
            self.env.cr.flush()  # what fails here is no fault of the campaign
            before_commit.pop(MOVING, None)
            self._move_safely(res_ids)

    def _move_before_commit(self, res_ids):
        """Move records once Odoo has computed all that it computes."""
        before_commit = self.env.cr.precommit
        if WAITING not in before_commit.data:
            before_commit.data[WAITING] = {}
            before_commit.add(self.browse()._move_waiting)
        before_commit.data[WAITING].setdefault(self.id, set()).update(res_ids)

    def _move_waiting(self):
        data = self.env.cr.precommit.data
        waiting, moving = data.pop(WAITING, {}), data.get(MOVING, {})
        for action_id, res_ids in waiting.items():
            if left := sorted(res_ids - moving.get(action_id, set())):
                self.browse(action_id)._move_safely(left)

    def _move_safely(self, res_ids):
        """What goes wrong is no fault of whoever causes the event: it is tried again by the job,
        which tells the responsible."""
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(SQL("SET LOCAL lock_timeout = %s", LOCK_SECONDS * 1000))
                self._move(res_ids)
                self.env.cr.execute("SET LOCAL lock_timeout TO DEFAULT")
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Server action %s met another transaction", self.id)
            self._move_later(res_ids)
        except UserError as error:
            _logger.info("Server action %s waits: %s", self.id, error)
            self._move_later(res_ids)
        except Exception:
            _logger.warning("Server action %s failed", self.id, exc_info=True)
            self._move_later(res_ids)

    def _is_open_for_rules(self):
        """Whether events let anybody in, or out."""
        if self._get_campaign_warning():
            return False
        if entry := self.base_automation_id.marketing_entry_ids:
            return entry._is_open()
        return self.state == "marketing_exit" or self.marketing_campaign_id.state == "running"

    def _move_later(self, res_ids):
        self.env["marketing.late.event"].sudo()._keep(self, res_ids)

"""The automation rule of an entry: made, switched on and off, and removed with it."""

from odoo import Command, api, models
from odoo.exceptions import AccessError

from .event_kind import KINDS
from .marketing_campaign_entry import RULE_FIELDS

# Of a rule, what the entry says.
PLAIN_FIELDS = ("active", "trigger", "filter_pre_domain", "filter_domain")


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.ondelete(at_uninstall=False)
    def _unlink_rules(self):
        """The database deletes entries with their campaign, not the rules of these."""
        self.sudo().entry_ids._remove_rule()


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    def _check_rule_fields(self, vals):
        """
        :raise AccessError: if a user writes what the entry notes itself: it deletes its rule
        """
        if not self.env.su and not RULE_FIELDS.isdisjoint(vals):
            raise AccessError(self.env._("The automation rule of an entry is made by the system."))

    # ------------------------------------------------------------
    # MAKE
    # ------------------------------------------------------------

    def _follow_with_rule(self):
        """Make the rule, or change in it what the entry says otherwise than before.

        What an administrator has changed in it stays: it is a problem of the entry.
        """
        before, values = self.rule_values or {}, self._get_rule_values()
        changed = {name for name in values if before.get(name) != values[name]}
        if changed - {"active"} or (changed and not before):
            self._write_rule(values)
        elif changed:
            self.automation_id.active = values["active"]
            self.rule_values = {**before, **values}

    def _get_rule_values(self):
        """What the rule is made of. Where something is missing or gone, it stays as it is, and is
        on or off.

        :rtype: dict
        """
        values = {"active": self._is_open()}
        if self._get_event_problems():
            return values
        kind, model = KINDS[self.event], self._get_event_model()
        watched = [
            self.env["ir.model.fields"]._get(model._name, name).id
            for name in kind.get_watched(self, model)
        ]
        before, after = kind.get_domain_before(self, model), kind.get_domain(self, model)
        return {
            **values,
            "model_id": self.event_model_id.id,
            "trigger": kind.trigger,
            "trigger_field_ids": sorted(watched),
            "filter_pre_domain": False if before.is_true() else repr(list(before)),
            "filter_domain": False if after.is_true() else repr(list(after)),
        }

    def _write_rule(self, values):
        """
        :param dict values: what the rule is made of
        """
        if "model_id" not in values:
            return
        if self.automation_id.model_id.id != values["model_id"]:
            self._remove_rule()
        rule = self.automation_id
        vals = {
            **values,
            "trigger_field_ids": [Command.set(values["trigger_field_ids"])],
            "name": self.env._(
                "Campaign “%(campaign)s”: %(entry)s",
                campaign=self.campaign_id.name,
                entry=self._describe_event(),
            ),
        }
        if rule:
            rule.write(vals)
        else:
            rule = rule.create(vals)
        self.write({"automation_id": rule.id, "rule_values": values})
        self._write_rule_action()

    def _write_rule_action(self):
        """The rule has one action: it lets into the campaign."""
        rule = self.automation_id
        if self._has_own_action():
            return
        # Odoo lets no superuser make actions by commands.
        rule.action_server_ids.unlink()
        rule.action_server_ids.create(
            {
                "name": rule.name,
                "model_id": rule.model_id.id,
                "usage": "base_automation",
                "base_automation_id": rule.id,
                "state": "marketing_enrol",
                "marketing_campaign_id": self.campaign_id.id,
            }
        )

    def _has_own_action(self):
        """Whether the rule does what it is for, and nothing else."""
        action = self.automation_id.action_server_ids
        return (
            len(action) == 1
            and action.state == "marketing_enrol"
            and action.marketing_campaign_id == self.campaign_id
            and not action.group_ids
        )

    def _remove_rule(self):
        self.rule_values = False
        self.automation_id.unlink()

    # ------------------------------------------------------------
    # LOOK
    # ------------------------------------------------------------

    def _get_rule_problem(self):
        """How the rule differs from what the entry says; empty if it does not."""
        rule = self.automation_id
        if not rule:
            return self.env._("The automation rule was deleted.")
        actual = {
            "model_id": rule.model_id.id,
            "trigger_field_ids": sorted(rule.trigger_field_ids.ids),
            **{name: rule[name] for name in PLAIN_FIELDS},
        }
        if actual == self.rule_values and self._has_own_action():
            return ""
        return self.env._("The automation rule was changed by hand.")

    @api.model
    def _remove_all_rules(self):
        """The addon is uninstalled."""
        entries = self.sudo().with_context(active_test=False)
        entries.search([("automation_id", "!=", False)]).automation_id.unlink()

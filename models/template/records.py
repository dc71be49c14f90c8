"""Tags, lists and server actions that campaigns of templates share."""

from datetime import UTC, datetime, time

from dateutil.relativedelta import relativedelta

from odoo import Command, fields, models

MODULE = "marketing_automation"


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _get_template_record(self, xml_id, model, values):
        """A record that campaigns of templates share; it is made when it is first needed.

        Those who may build campaigns may not create tags or server actions as such. They
        get exactly the ones that a template defines: hence the superuser. Nothing in
        ``values`` may come from a user.

        :param str xml_id: complete external id
        :param str model: model of the record
        :param dict values: to create it with
        """
        record = self._find_template_record(xml_id, model)
        if not record and self._is_template_drawn():
            record = self.env[model].sudo().new({"name": values["name"]})
        elif not record:
            record = self.env[model].sudo().create(values)
            self.env["ir.model.data"].sudo()._update_xmlids(
                [{"xml_id": xml_id, "record": record, "noupdate": True}]
            )
        return record.with_env(self.env)

    def _find_template_record(self, xml_id, model):
        """The record with the external id; none where an import gave it to another document."""
        record = self.env.ref(xml_id, raise_if_not_found=False)
        return record if record and record._name == model else self.env[model]

    def _get_template_tag(self, key, name, color):
        """A tag of contacts.

        :param str key: end of its external id
        """
        return self._get_template_record(
            f"{MODULE}.partner_category_{key}",
            "res.partner.category",
            {"name": name, "color": color},
        )

    def _get_template_list(self, xml_id, name):
        """A mailing list: the one with the external id, or with the name, else a new one."""
        known = self._find_template_record(xml_id, "mailing.list")
        if known and known.active:
            return known
        lists = self.env["mailing.list"]
        if found := lists.search([("name", "=", name)], limit=1):
            return found
        if known and not self._is_template_drawn():
            return lists.create({"name": name})
        return self._get_template_record(xml_id, "mailing.list", {"name": name})

    def _get_template_action(self, xml_id, name, model, values):
        """A server action that everybody who runs campaigns may run.

        It changes just what its template says, so it needs no rights on the target: most
        marketing users may not write contacts.
        """
        return self._get_template_record(
            xml_id,
            "ir.actions.server",
            {
                "name": name,
                "model_id": self.env["ir.model"]._get_id(model),
                "group_ids": [
                    Command.link(self.env.ref(f"{MODULE}.group_marketing_automation_user").id)
                ],
                **values,
            },
        )

    def _get_template_action_add(self, xml_id, name, model, field, record):
        """Server action that adds ``record`` to a many2many field, unless it is in there."""
        values = {"resource_ref": f"{record._name},{record.id}", "value": str(record.id)}
        action = self._get_template_action(
            xml_id,
            name,
            model,
            {
                "state": "object_write",
                "update_path": field,
                "update_m2m_operation": "add",
                "evaluation_type": "value",
                **values,
            },
        )
        if action.sudo().value != values["value"] and not self._is_template_drawn():
            # What it added was deleted, and made anew.
            action.sudo().write(values)
        return action

    def _get_template_action_remove_from_list(self, mailing_list):
        action = self._get_template_action(
            f"{MODULE}.server_action_remove_from_newsletter",
            self.env._("Remove from the newsletter"),
            "mailing.contact",
            {"state": "mailing_list_remove", "marketing_list_id": mailing_list.id},
        )
        if action.sudo().marketing_list_id != mailing_list and not self._is_template_drawn():
            # The list was deleted, and made anew.
            action.sudo().marketing_list_id = mailing_list
        return action

    def _get_template_action_blacklist(self):
        return self._get_template_action(
            f"{MODULE}.server_action_blacklist",
            self.env._("Blacklist the address"),
            "mailing.contact",
            {
                "state": "code",
                "code": 'if record.email_normalized:\n    env["mail.blacklist"]._add(record.email)',
            },
        )

    def _get_template_action_call_back(self):
        """Call for the salesperson of a contact, else for the campaign's responsible."""
        return self._get_template_action_call(
            "server_action_call_prospect",
            self.env._("Schedule a call about the catalog"),
            "res.partner",
            "record.user_id or record.commercial_partner_id.user_id",
            self.env._("Call about the catalog"),
        )

    def _get_template_action_schedule_call(self):
        """Call for the salesperson of a lead's contact, else of the lead."""
        return self._get_template_action_call(
            "server_action_call_lead",
            self.env._("Schedule a call with the contact's salesperson"),
            "crm.lead",
            "record.partner_id.user_id or record.partner_id.commercial_partner_id.user_id"
            " or record.user_id",
            self.env._("Call an existing contact about their new request"),
        )

    def _get_template_action_call_about_offer(self):
        """Call for the salesperson of an opportunity."""
        return self._get_template_action_call(
            "server_action_call_offer",
            self.env._("Schedule a call about the offer"),
            "crm.lead",
            "record.user_id",
            self.env._("Call about the offer"),
        )

    def _get_template_action_call_about_webinar(self):
        """Call for the salesperson of a contact, else for the campaign's responsible."""
        return self._get_template_action_call(
            "server_action_call_webinar",
            self.env._("Schedule a call after the webinar"),
            "res.partner",
            "record.user_id or record.commercial_partner_id.user_id",
            self.env._("Call after the webinar"),
        )

    def _get_template_action_call(self, xml_id, name, model, salesperson, summary):
        """Server action that schedules a call.

        It writes the record's activities, since Odoo's own action for activities knows
        only a field of the record, and gives the call to nobody where that is empty.

        :param str salesperson: expression; if it gives nobody, the responsible calls
        """
        call = [
            f"'res_model_id': {self.env['ir.model']._get_id(model)}",
            f"'activity_type_id': {self._get_call_activity_type().id}",
            f"'summary': {summary!r}",
            f"'user_id': ({salesperson} or env.user).id",
        ]
        return self._get_template_action(
            f"{MODULE}.{xml_id}",
            name,
            model,
            {
                "state": "object_write",
                "update_path": "activity_ids",
                "evaluation_type": "equation",
                "value": f"[(0, 0, {{{', '.join(call)}}})]",
            },
        )

    def _get_template_action_high_priority(self):
        high = (
            self.env["ir.model.fields"]
            ._get("crm.lead", "priority")
            .selection_ids.filtered(lambda choice: choice.value == "2")
        )
        return self._get_template_action(
            f"{MODULE}.server_action_high_priority",
            self.env._("Set a high priority"),
            "crm.lead",
            {
                "state": "object_write",
                "update_path": "priority",
                "evaluation_type": "value",
                "selection_value": high.id,
                "value": high.value,
            },
        )

    def _get_call_activity_type(self):
        types = self.env["mail.activity.type"]
        return (
            self._find_template_record("mail.mail_activity_data_call", "mail.activity.type")
            or types.search([("category", "=", "phonecall"), ("res_model", "=", False)], limit=1)
            or types.search([("res_model", "=", False)], limit=1)
        )

    def _get_template_midnight(self, months=0):
        """The last midnight of the user, as a filter has it.

        Relative dates would let those go who were taken in some days ago.

        :param int months: so many months before
        """
        day = fields.Date.context_today(self) - relativedelta(months=months)
        midnight = self.env.tz.localize(datetime.combine(day, time.min))
        return fields.Datetime.to_string(midnight.astimezone(UTC))

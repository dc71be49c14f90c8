"""Entries hear of all subscriptions, however they are made."""

from odoo import api, models
from odoo.fields import Domain


class MailingSubscription(models.Model):
    _inherit = "mailing.subscription"

    @api.model
    def _get_listening_rules(self):
        """Rules of entries that watch subscriptions."""
        rules = self.env["base.automation"]._get_actions(self, ["on_create_or_write"])
        return rules.filtered(lambda rule: rule.sudo().marketing_entry_ids)

    @api.model
    def _get_known(self, field_name, records):
        """Subscriptions of these contacts, or lists, if anybody wants to know.

        :param str field_name: which of the two they are
        """
        if not self._get_listening_rules():
            return self
        return self.sudo().search(Domain(field_name, "in", records.ids))

    @api.model
    def _tell_new(self, field_name, records, known=()):
        """Odoo writes lists of contacts as a many2many, and rules do not hear of what it makes.

        :param str field_name: what the records are to their subscriptions
        :param records: contacts, or lists
        :param known: subscriptions that were there before
        """
        rules = self._get_listening_rules()
        if not rules:
            return
        domain = Domain(field_name, "in", records.ids)
        if known:
            domain &= Domain("id", "not in", known.ids)
        new = self.sudo().search(domain).sudo(self.env.su)
        for rule in rules.with_context(old_values=None):
            rule._process(rule._filter_post(new, feedback=True))

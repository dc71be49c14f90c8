from odoo import api, models


class MailingContact(models.Model):
    _inherit = "mailing.contact"

    @api.model_create_multi
    def create(self, vals_list):
        is_subscribed = any(vals.get("list_ids") for vals in vals_list)
        contacts = super().create(vals_list)
        if is_subscribed:
            contacts.env["mailing.subscription"]._tell_new("contact_id", contacts)
        return contacts

    def write(self, vals):
        subscriptions = self.env["mailing.subscription"]
        known = subscriptions._get_known("contact_id", self) if "list_ids" in vals else None
        res = super().write(vals)
        if "list_ids" in vals:
            subscriptions._tell_new("contact_id", self, known)
            # Who is in fewer lists may have opted out of all that are left.
            self._cancel_queued()
        return res

    def _get_opted_out(self, mailing):
        """Those of these contacts who do not want what a campaign sends.

        They have opted out of every mailing list that the campaign mails for and that they
        are in. A subscription that does not say is none that was opted out of. Where it is
        unclear which lists these are, each opt-out counts.

        :param mailing: the mailing of an activity
        """
        domain = [("contact_id", "in", self.ids)]
        if lists := mailing._get_campaign_lists():
            domain.append(("list_id", "in", lists.ids))
        groups = (
            self.env["mailing.subscription"].sudo()._read_group(domain, ["contact_id", "opt_out"])
        )
        staying = {contact.id for contact, opt_out in groups if not opt_out}
        leaving = {contact.id for contact, opt_out in groups if opt_out}
        if leaving & staying and not mailing._is_sure_of_campaign_lists():
            return self.browse(leaving)
        return self.browse(leaving - staying)

    def _leave(self, lists):
        """Opt out of mailing lists. Who is in none of them says so once for each."""
        subscriptions = self.subscription_ids.filtered(lambda sub: sub.list_id in lists)
        subscriptions.filtered(lambda sub: not sub.opt_out).opt_out = True
        self.env["mailing.subscription"].create(
            [
                {"contact_id": contact.id, "list_id": mailing_list.id, "opt_out": True}
                for contact in self - subscriptions.contact_id
                for mailing_list in lists
            ]
        )

    def _cancel_queued(self):
        """Take back what campaigns have queued for those who do not want it any more."""
        contacts = self.sudo()
        for model_name, failure_type in (("mail.mail", "mail_optout"), ("sms.sms", "sms_optout")):
            queued = contacts.env[model_name]._search_queued_to(contacts)
            for mailing, messages in queued.grouped("mailing_id").items():
                leaving = set(contacts._get_opted_out(mailing).ids)
                messages.filtered(
                    lambda message, leaving=leaving: message.mailing_trace_ids[:1].res_id in leaving
                )._cancel_unwanted(failure_type)

from werkzeug.exceptions import BadRequest

from odoo import http
from odoo.http import request
from odoo.tools import consteq

from odoo.addons.mass_mailing.controllers.main import MassMailController
from odoo.addons.mass_mailing_sms.controllers.main import MailingSMSController


class MarketingMailController(MassMailController):
    def _check_mailing_email_token(
        self, mailing_id, document_id, email, hash_token, required_mailing_id=False
    ):
        """The pages behind the links of the footer: scanners of mail servers read them too.

        :raise BadRequest: if the document is no number
        """
        if hash_token and document_id and not str(document_id).isdecimal():
            raise BadRequest()
        mailing = super()._check_mailing_email_token(
            mailing_id, document_id, email, hash_token, required_mailing_id
        )
        if mailing.use_in_marketing_automation and not hash_token:
            # A user of Email Marketing looks at it, and sees in it what they may see.
            return mailing.with_env(request.env(su=False))
        if (
            hash_token
            and mailing.use_in_marketing_automation
            and request.httprequest.method == "GET"
        ):
            page = request.httprequest.path.rpartition("/")[2]
            messages = mailing._get_visited_messages(int(document_id))
            messages._follow(page)
            if page == "view":
                return mailing._as_written_in(messages[-1:])
        return mailing

    def _is_of_deleted_mailing(self, mailing_id, document_id, email, hash_token):
        """Whether this link was sent in a mailing that has been deleted since."""
        if not (email and hash_token and str(document_id or "").isdecimal()):
            return False
        mailing = request.env["mailing.mailing"].sudo().browse(int(mailing_id))
        token = mailing._generate_mailing_recipient_token(document_id, email)
        return consteq(token.encode(), hash_token.encode()) and not mailing.exists()

    def _blacklist_from_deleted_mailing(self, email, hash_token):
        """Nobody knows any more what the mailing was for: nothing is sent to the address."""
        message = request.env._("Unsubscribed from a mailing that has been deleted.")
        request.env["mail.blacklist"].sudo()._add(email, message=message)
        mailing = request.env["mailing.mailing"].sudo()
        return request.render(
            "mass_mailing.page_mailing_unsubscribe",
            {
                **self._prepare_mailing_subscription_values(mailing, None, email, hash_token),
                "last_action": "blocklist_add",
                "feedback_enabled": False,
                "unsubscribed_name": request.env._(
                    "You are no longer part of our services and will not be contacted again."
                ),
            },
        )

    @http.route()
    def mailing_unsubscribe(self, mailing_id, document_id=None, email=None, hash_token=None):
        """Also out of a mailing that has been deleted."""
        if self._is_of_deleted_mailing(mailing_id, document_id, email, hash_token):
            return self._blacklist_from_deleted_mailing(email, hash_token)
        return super().mailing_unsubscribe(mailing_id, document_id, email, hash_token)

    @http.route()
    def mailing_confirm_unsubscribe_post(
        self, mailing_id, document_id=None, email=None, hash_token=None
    ):
        """Also out of a mailing that has been deleted."""
        if self._is_of_deleted_mailing(mailing_id, document_id, email, hash_token):
            return self._blacklist_from_deleted_mailing(email, hash_token)
        return super().mailing_confirm_unsubscribe_post(mailing_id, document_id, email, hash_token)

    @http.route()
    def mailing_confirm_unsubscribe(
        self, mailing_id, document_id=None, email=None, hash_token=None, message=None
    ):
        """The page asks about what a campaign mails for.

        :param str message: number of the message whose link it is
        """
        if self._is_of_deleted_mailing(mailing_id, document_id, email, hash_token):
            return request.render(
                "mass_mailing.page_mailing_confirm_unsubscribe",
                {
                    "mailing_id": mailing_id,
                    "document_id": document_id,
                    "email": email,
                    "hash_token": hash_token,
                    "unsubscribed_lists": "",
                },
            )
        response = super().mailing_confirm_unsubscribe(mailing_id, document_id, email, hash_token)
        lists = request.env["mailing.mailing"].browse(mailing_id)._get_campaign_lists()
        if lists:
            response.qcontext["unsubscribed_lists"] = _public_names(lists)
        return response

    def _mailing_unsubscribe_from_document(self, mailing, document_id, email, hash_token):
        """Who does not want a campaign any more leaves its mailing lists; where it has none,
        the address is blacklisted."""
        lists = mailing._get_campaign_lists()
        if not lists:
            return super()._mailing_unsubscribe_from_document(
                mailing, document_id, email, hash_token
            )
        lists._update_subscription_from_email(email, opt_out=True)
        if hash_token:
            # The address may be another one than that by which Odoo knows the contact.
            contact = request.env["mailing.contact"].sudo().browse(int(document_id))
            contact.exists()._leave(lists)
        response = self._mailing_unsubscribe_from_list(mailing, document_id, email, hash_token)
        if names := _public_names(lists):
            response.qcontext["unsubscribed_name"] = request.env._(
                "You are no longer part of the %(mailing_names)s mailing list.",
                mailing_names=names,
            )
        return response


class MarketingSMSController(MailingSMSController):
    @http.route()
    def blacklist_number(self, mailing_id, trace_code, **post):
        """The STOP link of a campaign leaves its mailing lists, too."""
        number = post.get("sms_number", "").strip(" ")
        traces = self._check_trace(mailing_id, trace_code).get("trace") or []
        trace = next((trace for trace in traces if number and trace.sms_number == number), None)
        lists = trace and trace.mass_mailing_id._get_campaign_lists()
        if not lists:
            return super().blacklist_number(mailing_id, trace_code, **post)
        contacts = request.env["mailing.contact"].sudo()
        of_number = [("phone_sanitized", "=", number)]
        contacts.browse(trace.res_id).exists()._leave(lists)
        contacts.search([*of_number, ("list_ids", "in", lists.ids)])._leave(lists)
        subscriptions = contacts.search(of_number).subscription_ids
        return request.render(
            "mass_mailing_sms.blacklist_number",
            {
                "mailing_id": mailing_id,
                "trace_code": trace_code,
                "sms_number": number,
                "lists_optin": subscriptions.filtered(lambda sub: not sub.opt_out).list_id,
                "lists_optout": lists,
            },
        )


def _public_names(lists):
    """Names of mailing lists, as far as everybody may know them."""
    return ", ".join(lists.filtered("is_public").mapped("name"))

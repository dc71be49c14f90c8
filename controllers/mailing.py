from werkzeug.exceptions import BadRequest

from odoo.http import request

from odoo.addons.mass_mailing.controllers.main import MassMailController


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
        if (
            hash_token
            and mailing.use_in_marketing_automation
            and request.httprequest.method == "GET"
        ):
            page = request.httprequest.path.rpartition("/")[2]
            mailing._get_messages_to(int(document_id))._follow(page)
        return mailing

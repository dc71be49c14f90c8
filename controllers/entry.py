from odoo import SUPERUSER_ID, http
from odoo.http import HttpDispatcher, request

from ..tools.payload import MAX_BODY
from ..tools.refusals import Refusal


class EntryDispatcher(HttpDispatcher):
    """As other pages, but the body is left alone: what a caller calls it must not have it read, or
    parsed, before the controller knows who calls."""

    routing_type = "marketing_entry"

    def dispatch(self, endpoint, args):
        self.request.params = args
        return self.request.registry["ir.http"]._dispatch(endpoint)


class MarketingEntryController(http.Controller):
    @http.route(
        "/marketing/entry/<string:token>",
        type="marketing_entry",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=MAX_BODY + 1,
    )
    def enter_campaign(self, token):
        """The webhook of a campaign, see ``doc/integrations.md``.

        Who does not know its secrets writes nothing to the database.
        """
        entry = request.env["marketing.campaign.entry"]._find_by_token(token)
        if not entry:
            return _refuse(Refusal("no_entry"))
        if not entry._is_secret(_get_secret()):
            return _refuse(Refusal("unauthorized"))
        user = entry.campaign_id.user_id
        entry = entry.with_user(SUPERUSER_ID).with_context(lang=user.lang, tz=user.tz)
        status, answer = entry._receive(_read_body)
        return request.make_json_response(answer, status=status)


def _refuse(refusal):
    """The answer to who does not know the secrets of a webhook."""
    return request.make_json_response(refusal.get_answer(request.env), status=refusal.status)


def _get_secret():
    """What the caller has sent in a header."""
    headers = request.httprequest.headers
    scheme, _space, secret = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    return headers.get("X-Marketing-Secret", "")


def _read_body():
    """What the caller has sent; no more of it is read than may be.

    :raise Refusal: if it is too large
    """
    is_announced = (request.httprequest.content_length or 0) > MAX_BODY
    if is_announced or len(body := request.httprequest.get_data()) > MAX_BODY:
        raise Refusal("too_large", value=MAX_BODY)
    return body

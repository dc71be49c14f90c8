"""What a webhook does when it is called: find or make the record, let it in, note the call."""

import logging

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, email_normalize

from ...tools.admission import Wanted
from ...tools.failures import get_reason
from ...tools.payload import blank, get_unmapped, get_value, read_call, read_payload
from ...tools.refusals import Refusal
from ...tools.states import ADMISSION_REASONS, KNOWN, NOT_FOUND, TOO_MANY
from ...tools.turns import one_at_a_time
from ...tools.values import is_id
from .marketing_campaign_entry_call import MAX_CALLS
from .webhook_values import READERS, UNREADABLE, is_writable, read_value

_logger = logging.getLogger(__name__)

MISSING = object()


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    # ------------------------------------------------------------
    # CALLS
    # ------------------------------------------------------------

    def _receive(self, read_body):
        """Let in whom a call is about, if they may enter.

        Calls about the same person wait for each other; each is a transaction of its own, which is
        committed here.

        :param read_body: function that gives the body, as bytes: JSON, see
            ``doc/integrations.md``
        :return: the HTTP status, and the answer
        :rtype: tuple[int, dict]
        """
        payload = call = refusal = None
        try:
            payload = read_payload(read_body())
            call = self._read_call(payload)
        except Refusal as error:
            refusal = error
        turn = self._get_turn(call) if call else ("refused", self.id)
        with one_at_a_time(self.env.cr, self.model_name, *turn):
            result = self._enter(call, payload) if call else self._refuse(refusal, payload)
        self._forget_old_calls()
        return result

    def _read_call(self, payload):
        """Who a call is about.

        :raise Refusal: if that is not to be understood, or a value of it would be passed over
        """
        field = self._get_find_field()
        call = read_call(
            payload, field.name if field else "", self.find_place or "", self.key_place or ""
        )
        places = filter(None, [*self.mapping_ids.mapped("place"), self.key_place])
        if not self.find_place and (unmapped := get_unmapped(payload, places)):
            raise Refusal("not_mapped", place=unmapped)
        return call

    def _enter(self, call, payload):
        """As :meth:`_receive`, when the turn has come to this call."""
        record = None
        try:
            self._check_is_open()
            record = self._find(call)
            if not record and not (self.is_creating and call.by == "find"):
                raise Refusal("not_found")
            answer = self._let_in(record, call, payload)
        except Refusal as refusal:
            return self._refuse(refusal, payload, record)
        reason = answer["reason"]
        participant = self.env["marketing.participant"].browse(answer["participant_id"] or ())
        message = self.env._(ADMISSION_REASONS[reason]) if reason else ""
        status = _get_status(answer, call)
        self._note_call(status, reason, message, payload, answer["res_id"], participant)
        return status, {
            "participant_id": participant.id,
            "created": answer["created"],
            "reason": reason,
            "message": message,
        }

    def _refuse(self, refusal, payload=None, record=None):
        """Answer that nobody was let in, and note it."""
        answer = refusal.get_answer(self.env)
        self._note_call(
            refusal.status,
            refusal.reason,
            answer["message"],
            payload,
            record.id if record else False,
            detail=refusal.detail,
        )
        return refusal.status, answer

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def _check_is_open(self):
        """
        :raise Refusal: if nobody can come in now; why is no caller's business
        """
        campaign = self.campaign_id
        try:
            if problems := self._get_problems():
                raise UserError("\n".join(problems))
            campaign._check_lets_in(self)
        except UserError as error:
            raise Refusal("not_running", detail=str(error)) from error

    def _get_turn(self, call):
        """What two calls have in common that could make the same record."""
        if call.by == "find":
            text = str(call.value).strip()
            return self.find_field_id.sudo().name, email_normalize(text) or text.lower()
        return call.by, str(call.value)

    def _find(self, call):
        """The record that a call is about, as the responsible sees it; empty if there is none."""
        model = self._get_target()
        if call.by == "id":
            domain = Domain("id", "=", call.value) if is_id(call.value) else Domain.FALSE
        elif call.by == "external_id":
            module, name = call.value
            data = self.env["ir.model.data"].search(
                [("module", "=", module), ("name", "=", name), ("model", "=", model._name)],
            )
            domain = Domain("id", "in", data.mapped("res_id"))
        else:
            domain = self._get_find_domain(call, model)
        return model.search(domain, order="id", limit=1)

    def _get_find_domain(self, call, model):
        """Those that have a value; addresses are compared as Odoo normalises them."""
        field = self._get_find_field()
        try:
            value = READERS[field.type](model, field, call.value)
        except UNREADABLE as error:
            raise Refusal("bad_value", place=call.place, value=call.value) from error
        if field.type == "integer":
            return Domain(field.name, "=", value) if is_id(abs(value)) else Domain.FALSE
        normalized = model._fields.get("email_normalized")
        is_address = field.name == model._mail_get_primary_email_field()
        if is_address and normalized and normalized.store:
            if not (address := email_normalize(value)):
                # A record that was made with it would not be found by it again.
                raise Refusal("bad_value", place=call.place, value=call.value)
            return Domain("email_normalized", "=", address)
        return Domain(field.name, "=", value)

    def _get_target(self):
        """The target, empty, in the environment of the responsible."""
        return self.campaign_id._get_audience_model().with_context(mail_create_nosubscribe=True)

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    def _let_in(self, record, call, payload):
        """Let a record in, with what the call says of it. Who is not let in is left as it is.

        :return: the answer of :meth:`marketing.campaign._admit`
        """
        try:
            vals, places = self._get_values(record, call, payload)
        except ValidationError as error:
            # Of a value that is not the caller's.
            raise Refusal("not_running", detail=str(error)) from error
        with self.env.cr.savepoint() as savepoint:
            admitted = self._put(record, vals, places) if vals else record
            answer = self._admit(admitted, call)
            if answer["created"]:
                return answer
            if vals:
                savepoint.rollback()
        if answer["reason"] == TOO_MANY and vals and record:
            # Again without the values: what was told the responsible has gone with them.
            answer = self._admit(record, call)
        return answer if record else {**answer, "res_id": False}

    def _admit(self, record, call):
        """
        :return: the answer of the campaign
        :raise Refusal: if it cannot let in anybody
        """
        try:
            [answer] = self.campaign_id._admit([Wanted(record.id, call.key)], self)
        except UserError as error:
            raise Refusal("not_running", detail=str(error)) from error
        return answer

    def _get_values(self, record, call, payload):
        """What is to be written of a call.

        :return: values of fields, and the places where they are from
        :rtype: tuple[dict, list]
        """
        if record and not self.is_writing:
            return {}, []
        model = self._get_target()
        vals, places = {}, set()
        for line in self.mapping_ids:
            field = model._fields[line.field_id.sudo().name]
            if record and field.inverse:
                # It is written to another record, too.
                continue
            if line.constant:
                vals[field.name] = line._read_constant(model, field)
                continue
            value = get_value(payload, line.place, MISSING)
            if value is MISSING or (value is None and not record):
                continue
            vals[field.name] = _read(model, field, value, line.place)
            places.add(line.place)
        if not record:
            for field in (self._get_find_field(), model._fields.get(model._rec_name)):
                if field and field.name not in vals and is_writable(field):
                    vals[field.name] = _read(model, field, call.value, call.place)
            places.add(call.place)
        return vals, sorted(places)

    def _put(self, record, vals, places):
        """Write values, or make a record of them, with the rights of the responsible.

        :param list places: where they are in the call
        :raise Refusal: if Odoo does not take them; why may tell more than the caller should know
        """
        try:
            with self.env.cr.savepoint():
                if not record:
                    return self._get_target().create(vals)
                record.write(vals)
                return record
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            if not isinstance(error, UserError):
                _logger.warning(
                    "Webhook %s could not write a record", self.display_name, exc_info=True
                )
            raise Refusal(
                "refused", place=", ".join(places), detail=get_reason(self.env, error)
            ) from error

    # ------------------------------------------------------------
    # NOTES
    # ------------------------------------------------------------

    def _note_call(
        self, status, reason, message, payload, res_id=False, participant=None, detail=""
    ):
        if not self.exists():
            return
        self.env["marketing.campaign.entry.call"].create(
            {
                "entry_id": self.id,
                "status": status,
                "reason": reason,
                "message": message,
                "detail": detail,
                "payload": blank(payload) if payload else False,
                "res_id": res_id,
                "participant_id": participant.id if participant else False,
            }
        )

    def _forget_old_calls(self):
        """Only the last calls are kept. Two that forget at the same moment would meet."""
        with one_at_a_time(self.env.cr, "calls", self.id):
            self.env.execute_query(
                SQL(
                    """
                    DELETE FROM marketing_campaign_entry_call WHERE entry_id = %s AND id < (
                        SELECT id FROM marketing_campaign_entry_call WHERE entry_id = %s
                        ORDER BY id DESC OFFSET %s LIMIT 1
                    ) RETURNING id
                    """,
                    self.id,
                    self.id,
                    MAX_CALLS - 1,
                )
            )


def _read(model, field, value, place):
    """
    :raise Refusal: if the field cannot have the value
    """
    try:
        return read_value(model, field, value)
    except UNREADABLE as error:
        raise Refusal("bad_value", place=place, value=value) from error


def _get_status(answer, call):
    """The HTTP status by which a caller is told what has become of a call."""
    if answer["created"]:
        return 201
    if answer["reason"] == NOT_FOUND:
        return 404
    # The same key again: the run that it wants is there.
    return 200 if call.key and answer["reason"] == KNOWN else 409

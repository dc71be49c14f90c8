"""Another program hands records over, by an address of its own."""

import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import NO_ACCESS
from odoo.tools import consteq
from odoo.tools.translate import LazyTranslate

from ...tools.payload import split
from ...tools.rpc import on_one_record
from .entry_type import EntryType

_lt = LazyTranslate("marketing_automation")

SECRET_BYTES = 24
# What a call may make, where it finds nobody.
CREATED_MODELS = ("crm.lead", "mailing.contact", "res.partner")
FIND_TYPES = ("char", "integer", "text")


class WebhookEntry(EntryType):
    key = "webhook"
    label = _lt("Webhook")
    icon = "fa-plug"
    description = _lt("Another program hands records over.")
    form_fields = (
        "webhook_url",
        "has_webhook_secret",
        "find_field_id",
        "find_place",
        "key_place",
        "is_creating",
        "is_writing",
        "mapping_ids",
    )

    def get_problems(self, entry):
        return entry.sudo()._get_webhook_problems()

    def describe(self, entry):
        return entry.env._("Another program sends a record")

    def adapt(self, entry):
        if not entry.sudo().webhook_token:
            entry.sudo()._renew_secrets()


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    webhook_token = fields.Char(
        copy=False, groups=NO_ACCESS, help="The secret part of the address."
    )
    webhook_secret = fields.Char(
        copy=False, groups=NO_ACCESS, help="What callers must send in a header, too."
    )
    webhook_url = fields.Char(
        "Address",
        compute="_compute_webhook_url",
        help="Other programs send records to it by POST, as JSON. Who knows it may let people in:"
        " it is shown to those who may change the campaign.",
    )
    has_webhook_secret = fields.Boolean(
        "Ask for a Secret",
        copy=True,
        help="Callers must send a secret in a header, beside the one in the address. Addresses"
        " are kept in logs of servers in between, headers are not.",
    )
    webhook_header = fields.Char(
        "Header",
        compute="_compute_webhook_url",
        help="What callers must send. “X-Marketing-Secret:” with the same secret does, too.",
    )
    find_field_id = fields.Many2one(
        "ir.model.fields",
        string="Found by",
        compute="_compute_find_field_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        domain="[('model_id', '=', model_id), ('store', '=', True),"
        " ('ttype', 'in', ['char', 'integer', 'text'])]",
        help="The field by whose value calls find the record, such as the email address. Of"
        " several records the oldest one is taken.",
    )
    find_place = fields.Char(
        "Its Value",
        help="Where it is in the call, as JSON Pointer (RFC 6901), such as /customer/email. Empty:"
        " the call follows the documented schema, and can name an id or an external id instead.",
    )
    key_place = fields.Char(
        "Key of the Run",
        help="Where it is in the call, as JSON Pointer, such as /order/number: the same key again"
        " is the same run. Empty: /key.",
    )
    is_creating = fields.Boolean(
        "Create Who Is Not Found",
        help="Where nobody is found, the call makes a new record with the values below, with the"
        " rights of the campaign's responsible.",
    )
    is_writing = fields.Boolean(
        "Update Who Is Found",
        help="The call also writes the values below to a record that it finds.",
    )
    can_create = fields.Boolean(compute="_compute_can_create")
    mapping_ids = fields.One2many(
        "marketing.campaign.entry.mapping", "entry_id", string="Values", copy=True
    )
    call_ids = fields.One2many(
        "marketing.campaign.entry.call", "entry_id", string="Last Calls", copy=False
    )
    webhook_example = fields.Json(
        "Example",
        compute="_compute_webhook_example",
        help="The body of the last call that is known, without secrets.",
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("find_place", "key_place")
    def _check_places(self):
        for entry in self:
            for name in ("find_place", "key_place"):
                check_place(entry, name)

    @api.constrains("entry_type", "find_field_id", "campaign_id")
    def _check_find_field_id(self):
        """What is found would tell who has a value that one may not read."""
        for entry in self.filtered(lambda entry: entry.entry_type == "webhook"):
            field, model = entry._get_find_field(), entry.campaign_id._get_model()
            if entry.find_field_id and (
                # Constraints are checked as superuser.
                field is None or not model.sudo(False)._has_field_access(field, "read")
            ):
                raise ValidationError(
                    self.env._(
                        "Entry “%(entry)s” cannot find records by “%(field)s”: choose a stored"
                        " field of the target.",
                        entry=entry.display_name,
                        field=entry.find_field_id.sudo().field_description,
                    )
                )

    @api.constrains("is_creating", "campaign_id")
    def _check_is_creating(self):
        for entry in self.filtered("is_creating"):
            if not entry.can_create:
                raise ValidationError(
                    self.env._(
                        "Calls cannot create records of “%(document)s”: let them find those that"
                        " there are.",
                        document=entry.model_id.sudo().name,
                    )
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("entry_type", "webhook_token", "has_webhook_secret", "webhook_secret")
    @api.depends_context("uid")
    def _compute_webhook_url(self):
        for entry in self:
            secret = entry.sudo()
            is_shown = bool(secret.webhook_token) and entry._may_see_secrets()
            entry.webhook_url = is_shown and (
                f"{entry.get_base_url()}/marketing/entry/{entry._origin.id}-{secret.webhook_token}"
            )
            entry.webhook_header = (
                is_shown
                and entry.has_webhook_secret
                and f"Authorization: Bearer {secret.webhook_secret}"
            )

    @api.depends("entry_type", "campaign_id.model_id")
    def _compute_find_field_id(self):
        """The email address, where there is one."""
        for entry in self:
            model = entry.campaign_id._get_model()
            field = entry.find_field_id.sudo()
            if entry.entry_type != "webhook" or model is None:
                entry.find_field_id = False
            elif field.model != model._name:
                name = getattr(model, "_primary_email", None) or "email"
                entry.find_field_id = self.env["ir.model.fields"].sudo()._get(model._name, name)

    @api.depends("campaign_id.model_id")
    def _compute_can_create(self):
        for entry in self:
            entry.can_create = entry.model_name in self._get_created_models()

    def _compute_webhook_example(self):
        for entry in self:
            last = entry.sudo().call_ids.filtered("payload")[:1]
            entry.webhook_example = last.payload if entry._may_see_secrets() else False

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_one_record
    def action_renew_webhook(self):
        """Another address and, where one is asked for, another secret; the old ones are dead at
        once.

        :raise UserError: if it is no webhook
        """
        self.check_access("write")
        self.campaign_id._check_may_act_for()
        if self.entry_type != "webhook":
            raise UserError(
                self.env._(
                    "Entry “%(entry)s” has no address: it is no webhook.", entry=self.display_name
                )
            )
        self.sudo()._renew_secrets()
        self.campaign_id.sudo()._message_log(
            body=self.env._(
                "The address of webhook “%(entry)s” was renewed.", entry=self.display_name
            ),
            author_id=self.env.user.partner_id.id,
        )
        return True

    # ------------------------------------------------------------
    # SECRETS
    # ------------------------------------------------------------

    def _renew_secrets(self):
        for entry in self:
            entry.write(
                {
                    "webhook_token": secrets.token_urlsafe(SECRET_BYTES),
                    "webhook_secret": secrets.token_urlsafe(SECRET_BYTES),
                }
            )

    def _may_see_secrets(self):
        """Whether the user may change the campaign: nobody else is shown how to let people in, or
        what was said of them."""
        campaign = self.campaign_id._origin
        return (
            self.entry_type == "webhook"
            and campaign.has_access("write")
            and campaign._may_act_for_responsible()
        )

    @api.model
    def _find_by_token(self, token):
        """The webhook with this address, as the system sees it; empty if there is none.

        :param str token: last part of the address: the number of the entry, and its secret
        """
        number, _dash, secret = token.partition("-")
        entries = self.sudo()
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            return entries.browse()
        entry = entries.browse(int(number)).exists()
        is_right = (
            entry.entry_type == "webhook"
            and entry.webhook_token
            and consteq(entry.webhook_token.encode(), secret.encode(errors="replace"))
        )
        return entry if is_right else entries.browse()

    def _is_secret(self, secret):
        """Whether this is what callers must send in a header; anything, where nothing is asked
        for."""
        return not self.has_webhook_secret or (
            bool(self.webhook_secret)
            and consteq(self.webhook_secret.encode(), secret.encode(errors="replace"))
        )

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    @api.model
    def _get_entry_types(self):
        return {**super()._get_entry_types(), WebhookEntry.key: WebhookEntry()}

    @api.model
    def _get_created_models(self):
        """Names of the models of which calls may create records; an addon adds to them."""
        return CREATED_MODELS

    def _get_find_field(self):
        """The field by which records are found; None if there is none that can be used."""
        field, model = self.find_field_id.sudo(), self.campaign_id._get_model()
        if not field or model is None or field.model != model._name:
            return None
        found = model._fields.get(field.name)
        return found if found and found.store and found.type in FIND_TYPES else None

    def _get_webhook_problems(self):
        """What keeps calls from letting anybody in."""
        model = self.campaign_id._responsible_env().get(self.model_name)
        if model is None:
            return []
        _ = self.env._
        names = {"entry": self.display_name, "user": model.env.user.name}
        problems = []
        field = self._get_find_field()
        if field is None and (self.find_field_id or self.find_place):
            problems.append(_("“%(entry)s”: choose the field by which records are found.", **names))
        if field is not None and not model._has_field_access(field, "read"):
            problems.append(
                _(
                    "“%(entry)s”: %(user)s may not read “%(field)s”.",
                    field=self.find_field_id.field_description,
                    **names,
                )
            )
        if self.is_creating and not model.has_access("create"):
            problems.append(
                _(
                    "“%(entry)s”: %(user)s may not create “%(document)s”.",
                    document=self.model_id.name,
                    **names,
                )
            )
        return problems + [
            problem for line in self.mapping_ids if (problem := line._get_problem(model))
        ]


def check_place(record, name):
    """
    :raise ValidationError: if the text in a field is no place in a call
    """
    place = record[name]
    if not place:
        return
    try:
        split(place)
    except ValueError as error:
        raise ValidationError(
            record.env._(
                "“%(value)s” is no place in a call, for “%(label)s”: choose one in an example, or"
                " write it with slashes, such as /customer/email.",
                value=place,
                label=record._fields[name]._description_string(record.env),
            )
        ) from error

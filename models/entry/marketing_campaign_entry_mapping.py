from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .entry_webhook import check_place
from .webhook_values import UNREADABLE, is_writable, read_words


class MarketingCampaignEntryMapping(models.Model):
    """What a webhook writes to one field of a record: a value of the call, or always the same."""

    _name = "marketing.campaign.entry.mapping"
    _description = "Value that a Webhook Writes"
    _order = "entry_id, sequence, id"
    _rec_name = "field_id"

    entry_id = fields.Many2one(
        "marketing.campaign.entry", required=True, ondelete="cascade", index=True
    )
    model_id = fields.Many2one(related="entry_id.model_id")
    sequence = fields.Integer(default=10)
    place = fields.Char(
        "In the Call",
        help="Where the value is in the call, as JSON Pointer (RFC 6901), such as /customer/name."
        " Click on a value of the example to fill it in.",
    )
    constant = fields.Char(
        "Always",
        help="The same value at each call, in place of one of the call: true or false, a number, a"
        " text, or the name of a record (of several, with commas in between, for tags and lists).",
    )
    field_id = fields.Many2one(
        "ir.model.fields",
        required=True,
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True), ('readonly', '=', False),"
        " ('related', '=', False), ('ttype', 'in', ['boolean', 'char', 'date', 'datetime',"
        " 'float', 'html', 'integer', 'many2many', 'many2one', 'monetary', 'selection', 'text'])]",
        help="Values for records are their id, their name, or their code; markup stays text; dates"
        " are as in 2025-03-31, moments as in 2025-03-31T12:00:00+02:00.",
    )

    _unique_field = models.Constraint(
        "UNIQUE(entry_id, field_id)", "A webhook writes one value to each field: change that line."
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("place", "constant", "field_id")
    def _check_place(self):
        for line in self:
            check_place(line, "place")
            if bool(line.place) == bool(line.constant):
                raise ValidationError(
                    self.env._(
                        "Say where the value of “%(field)s” is in the call, or which one it always"
                        " is: one of the two.",
                        field=line.field_id.sudo().field_description,
                    )
                )

    @api.constrains("field_id", "constant", "entry_id")
    def _check_field_id(self):
        """Nobody lets calls write what they may not write themselves."""
        for line in self:
            field, model = line.field_id.sudo(), line.entry_id.campaign_id._get_model()
            if model is None:
                continue
            # Constraints are checked as superuser.
            model = model.sudo(False)
            known = model._fields.get(field.name)
            if (
                field.model != model._name
                or not is_writable(known)
                or not model._has_field_access(known, "write")
            ):
                raise ValidationError(
                    self.env._(
                        "Calls cannot write “%(field)s”: choose another field of the target.",
                        field=field.field_description,
                    )
                )
            if line.constant:
                line._read_constant(model, known)

    def _read_constant(self, model, field):
        """What is always written, as the field takes it.

        :raise ValidationError: if it is no value for the field
        """
        try:
            return read_words(model, field, self.constant)
        except UNREADABLE as error:
            raise ValidationError(
                self.env._(
                    "“%(value)s” is no value for “%(field)s”.",
                    value=self.constant,
                    field=self.field_id.sudo().field_description,
                )
            ) from error

    def _get_problem(self, model):
        """Why this value cannot be written, or None.

        :param model: in the environment of who writes it
        """
        entry, field = self.entry_id, model._fields.get(self.field_id.name)
        if self.field_id.model != model._name or field is None or not is_writable(field):
            return self.env._(
                "“%(entry)s”: choose another field for %(place)s.",
                entry=entry.display_name,
                place=self.place or self.constant,
            )
        if not model._has_field_access(field, "write"):
            return self.env._(
                "“%(entry)s”: %(user)s may not write “%(field)s”.",
                entry=entry.display_name,
                user=model.env.user.name,
                field=self.field_id.field_description,
            )
        return None

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._note_change()
        return lines

    def write(self, vals):
        self._note_change()
        res = super().write(vals)
        self._note_change()
        return res

    def unlink(self):
        self._note_change()
        return super().unlink()

    def _note_change(self):
        """What a campaign does was changed.

        :raise AccessError: if the user may not decide that
        """
        campaigns = self.entry_id.campaign_id
        campaigns._check_may_act_for()
        campaigns._note_editor()

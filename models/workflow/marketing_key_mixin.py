"""What the canvas draws has a name before it is saved."""

from odoo import fields, models


class MarketingKeyMixin(models.AbstractModel):
    """Steps and branches, which commands of a campaign name by their keys."""

    _name = "marketing.key.mixin"
    _description = "Named by a Key Before It Is Saved"

    key = fields.Char(
        copy=False,
        help="Names it from the moment in which it is drawn, before it is saved. Where it is empty,"
        " the id as text stands for it.",
    )

    # Those of records without one are their ids.
    _check_key = models.Constraint(
        "CHECK(key !~ '^[0-9]*$')",
        "A key cannot be a number, nor empty text.",
    )

    def _get_key(self):
        return self.key or str(self._origin.id)

"""References that the database does not check."""

from odoo import fields


class UncheckedMany2one(fields.Many2one):
    """A reference without a foreign key: PostgreSQL would look the record up, and lock it, for
    each row that is written, in sets of thousands or while a visitor waits."""

    def update_db_foreign_key(self, model, column):
        """Have none."""

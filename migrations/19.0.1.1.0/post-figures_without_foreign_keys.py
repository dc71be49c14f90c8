"""Figures refer to activities and companies without foreign keys; see UncheckedMany2one."""

from odoo.tools import SQL


def migrate(cr, version):
    for column in ("activity_id", "company_id"):
        name = f"marketing_activity_figures_{column}_fkey"
        cr.execute(
            SQL(
                "ALTER TABLE marketing_activity_figures DROP CONSTRAINT IF EXISTS %s",
                SQL.identifier(name),
            )
        )
        cr.execute(SQL("DELETE FROM ir_model_constraint WHERE name = %s", name))

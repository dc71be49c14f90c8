"""All traces so far are first visits. Odoo would write each row; so none is touched."""

from odoo.tools import SQL, sql


def migrate(cr, version):
    if not sql.column_exists(cr, "marketing_trace", "visit"):
        cr.execute(SQL("ALTER TABLE marketing_trace ADD COLUMN visit integer NOT NULL DEFAULT 1"))
        cr.execute(SQL("ALTER TABLE marketing_trace ALTER COLUMN visit DROP DEFAULT"))

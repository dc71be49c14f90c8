"""Filters of templates say "in the last 7 days" as one rule of the filter editor, with today."""

from odoo.tools import SQL

BEFORE = (
    "'|', '&', ('create_date', '>=', 'today -7d'), ('create_date', '<', 'today'),"
    " '&', ('create_date', '>=', 'today'), ('create_date', '<', 'today +1d')"
)
AFTER = "'&', ('create_date', '>=', 'today -7d'), ('create_date', '<', 'today +1d')"


def migrate(cr, version):
    # As the templates wrote them, and as the editor writes what people have changed since.
    for quote in ("'", '"'):
        cr.execute(
            SQL(
                "UPDATE marketing_campaign SET domain = replace(domain, %(before)s, %(after)s)"
                " WHERE strpos(domain, %(before)s) > 0",
                before=BEFORE.replace("'", quote),
                after=AFTER.replace("'", quote),
            )
        )

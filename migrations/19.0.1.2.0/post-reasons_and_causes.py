"""Reasons of traces are one short sentence, and failures remember their kind."""

from odoo.tools import SQL

LONGEST = 200


def migrate(cr, version):
    # What there was to tell failures apart until now: their text without its numbers.
    cr.execute(
        SQL(
            r"""
            UPDATE marketing_trace
            SET error_cause = left(regexp_replace(state_detail, '\d+', '', 'g'), 255)
            WHERE state = 'error' AND error_cause IS NULL AND state_detail IS NOT NULL
            """
        )
    )
    cr.execute(
        SQL(
            r"""
            UPDATE marketing_trace
            SET state_detail = left(btrim(regexp_replace(state_detail, '\s+', ' ', 'g')), %s) || '…'
            WHERE length(state_detail) > %s
            """,
            LONGEST - 1,
            LONGEST,
        )
    )

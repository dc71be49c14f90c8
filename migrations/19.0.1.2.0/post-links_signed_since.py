"""Clicks on messages that were sent before links were signed count for a while.

The version before signed links and the first ones with them had the same number, 19.0.1.0.0.
A database that has been on 19.0.1.1.0 sends signed links since then at the latest: the field
that came with that version knows the moment. Others send them from this update on.
"""

from odoo.tools import SQL


def migrate(cr, version):
    cr.execute(
        SQL(
            """
            INSERT INTO ir_config_parameter (
                key, value, create_uid, create_date, write_uid, write_date
            )
            SELECT 'marketing_automation.links_signed_since',
                to_char(
                    coalesce(min(create_date), now() AT TIME ZONE 'UTC'), 'YYYY-MM-DD HH24:MI:SS'
                ),
                1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
            FROM ir_model_data
            WHERE module = 'marketing_automation' AND name = %s
            ON CONFLICT (key) DO NOTHING
            """,
            "field_marketing_campaign__timezone",
        )
    )

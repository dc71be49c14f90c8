"""Participants are runs: columns with their values, without writing each row; and whoever was
forgotten is recognised by all that was kept of them."""

from odoo.tools.sql import column_exists


def migrate(cr, version):
    cr.execute(
        """
        ALTER TABLE marketing_participant
            ADD COLUMN IF NOT EXISTS entry_key varchar NOT NULL DEFAULT '',
            ADD COLUMN IF NOT EXISTS run_number integer NOT NULL DEFAULT 1,
            ADD COLUMN IF NOT EXISTS identity varchar,
            ADD COLUMN IF NOT EXISTS other_identities varchar;
        ALTER TABLE marketing_participant
            ALTER COLUMN entry_key DROP DEFAULT, ALTER COLUMN run_number DROP DEFAULT
        """
    )
    if not column_exists(cr, "marketing_participant", "record_identity"):
        return
    # Two who were forgotten may have been the same: each gets an identity of its own.
    cr.execute(
        """
        UPDATE marketing_participant
        SET other_identities = concat_ws(' ', identity, record_identity), identity = NULL
        WHERE record_identity IS NOT NULL AND other_identities IS NULL
        """
    )

"""Campaigns of before go on: they count as accepted, and as written, by their responsible."""

from odoo.tools import SQL


def migrate(cr, version):
    cr.execute(
        SQL(
            """
            UPDATE marketing_campaign campaign
            SET accepted_user_id = utm.user_id,
                acceptance_date = date_trunc('second', now() AT TIME ZONE 'UTC'),
                editor_id = utm.user_id, filter_user_id = utm.user_id
            FROM utm_campaign utm
            WHERE utm.id = campaign.utm_campaign_id AND campaign.accepted_user_id IS NULL
                AND campaign.editor_id IS NULL AND campaign.filter_user_id IS NULL
            """
        )
    )
    cr.execute(
        SQL(
            """
            UPDATE marketing_activity activity
            SET filter_user_id = campaign.filter_user_id
            FROM marketing_campaign campaign
            WHERE campaign.id = activity.campaign_id AND activity.filter_user_id IS NULL
            """
        )
    )

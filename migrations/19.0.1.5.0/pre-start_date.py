"""When campaigns were started for the first time is not known: at the latest, when the first one
came in."""


def migrate(cr, version):
    cr.execute("ALTER TABLE marketing_campaign ADD COLUMN IF NOT EXISTS start_date timestamp")
    cr.execute(
        """
        UPDATE marketing_campaign campaign SET start_date = coalesce(
            (
                SELECT min(create_date) FROM marketing_participant participant
                WHERE participant.campaign_id = campaign.id AND NOT participant.is_test
            ),
            now() AT TIME ZONE 'UTC'
        )
        WHERE state != 'draft' AND start_date IS NULL
        """
    )

"""All campaigns have let in whoever matches their filter: that is now their way in, and that of
all who take part."""


def migrate(cr, version):
    cr.execute(
        """
        INSERT INTO marketing_campaign_entry (
            campaign_id, entry_type, date_type, sequence, active, create_uid, create_date,
            write_uid, write_date
        )
        SELECT id, 'filter', 'days', 10, TRUE, create_uid, now() AT TIME ZONE 'UTC', write_uid,
            now() AT TIME ZONE 'UTC'
        FROM marketing_campaign campaign
        WHERE NOT EXISTS (
            SELECT FROM marketing_campaign_entry entry WHERE entry.campaign_id = campaign.id
        )
        """
    )
    cr.execute(
        """
        UPDATE marketing_participant participant SET entry_id = entry.id
        FROM marketing_campaign_entry entry
        WHERE entry.campaign_id = participant.campaign_id AND entry.entry_type = 'filter'
            AND NOT participant.is_test AND participant.entry_id IS NULL
        """
    )

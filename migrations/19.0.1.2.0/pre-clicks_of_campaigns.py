"""Clicks remember that they count for a campaign; before, the statistics of the message did."""


def migrate(cr, version):
    cr.execute(
        """
        ALTER TABLE link_tracker_click ADD COLUMN IF NOT EXISTS counts_for_campaign boolean;
        UPDATE link_tracker_click click
        SET counts_for_campaign = EXISTS (
            SELECT FROM mailing_trace message
            JOIN mailing_mailing mailing ON mailing.id = message.mass_mailing_id
            WHERE message.id = click.mailing_trace_id AND message.is_test_trace IS NOT TRUE
                AND mailing.use_in_marketing_automation
        )
        WHERE counts_for_campaign IS NULL
        """
    )

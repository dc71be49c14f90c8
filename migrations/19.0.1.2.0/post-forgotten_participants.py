"""What was scheduled for people who had been forgotten is over; their number led nowhere."""


def migrate(cr, version):
    cr.execute(
        """
        WITH over AS (
            UPDATE marketing_trace
            SET state = 'canceled', state_reason = 'user', execution_date = now() AT TIME ZONE 'UTC'
            WHERE state = 'scheduled' AND res_id = 0
            RETURNING participant_id
        )
        UPDATE marketing_participant SET state = 'completed'
        WHERE state = 'running' AND id IN (SELECT participant_id FROM over)
        """
    )

"""Messages of the last 30 days count for their addresses, too."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    log = api.Environment(cr, SUPERUSER_ID, {})["marketing.message.log"]
    cr.execute(
        SQL(
            """
            INSERT INTO marketing_message_log (
                address, trace_type, date, campaign_id, mailing_trace_id
            )
            SELECT %s, message.trace_type,
                CASE trace_status WHEN 'outgoing' THEN 'infinity' ELSE message.sent_datetime END,
                activity.campaign_id, message.id
            FROM mailing_trace message
            CROSS JOIN LATERAL (
                SELECT CASE trace_type WHEN 'sms' THEN sms_number ELSE lower(email) END AS text
            ) AS address
            LEFT JOIN marketing_trace trace ON trace.id = message.marketing_trace_id
            LEFT JOIN marketing_activity activity ON activity.id = trace.activity_id
            WHERE address.text != '' AND is_test_trace IS NOT TRUE
                AND trace_status NOT IN ('cancel', 'error')
                AND (
                    trace_status = 'outgoing'
                    OR message.sent_datetime > now() AT TIME ZONE 'UTC' - interval '30 days'
                )
            ON CONFLICT (mailing_trace_id, address) DO NOTHING
            """,
            log._hash_sql(SQL("message.trace_type"), SQL("address.text")),
        )
    )
    # What is not in a queue any more, of which mass mailing tells its traces nothing.
    log._gc_queued()

"""Figures get a row for each metric and reason, by the quarter of an hour.

What is counted of traces that were deleted since cannot be counted again: it is kept by the hour,
without reasons. All else moves to its reason and its quarter.
"""

from odoo.tools import SQL
from odoo.tools.sql import column_exists

METRICS = {
    "processed": "state = 'processed'",
    "rejected": "state = 'rejected'",
    "canceled": "state = 'canceled'",
    "error": "state = 'error'",
    "opened": "state = 'processed' AND open_datetime IS NOT NULL",
    "clicked": "state = 'processed' AND links_click_datetime IS NOT NULL",
    "replied": "state = 'processed' AND reply_datetime IS NOT NULL",
    "bounced": "state = 'processed' AND bounce_datetime IS NOT NULL",
}


def migrate(cr, version):
    if not column_exists(cr, "marketing_activity_figures", "hour"):
        return
    cr.execute(
        """
        ALTER TABLE marketing_activity_figures RENAME COLUMN hour TO moment;
        ALTER TABLE marketing_activity_figures
            ADD COLUMN metric varchar, ADD COLUMN reason varchar, ADD COLUMN number integer
        """
    )
    columns = [SQL.identifier(name) for name in METRICS]
    cr.execute(
        SQL(
            """
            INSERT INTO marketing_activity_figures (activity_id, company_id, moment, metric, number)
            SELECT activity_id, company_id, moment, counted.metric, sum(counted.number)
            FROM marketing_activity_figures
            CROSS JOIN LATERAL (VALUES %s) AS counted (metric, number)
            GROUP BY 1, 2, 3, 4 HAVING sum(counted.number) != 0
            """,
            SQL(", ").join(
                SQL("(%s, %s)", name, column) for name, column in zip(METRICS, columns, strict=True)
            ),
        )
    )
    cr.execute("DELETE FROM marketing_activity_figures WHERE metric IS NULL")
    cr.execute(
        SQL(
            "ALTER TABLE marketing_activity_figures %s",
            SQL(", ").join(SQL("DROP COLUMN %s", column) for column in columns),
        )
    )
    _move_traces(cr)


def _move_traces(cr):
    """Take traces away from their hour, and add them to their quarter and reason."""
    hour = SQL("date_trunc('hour', execution_date)")
    quarter = SQL(
        "%s + extract(minute FROM execution_date)::int / 15 * interval '15 minutes'", hour
    )
    for sign, moment, reason in (
        (SQL("-1"), hour, SQL("NULL::varchar")),
        (SQL("1"), quarter, SQL("state_reason")),
    ):
        cr.execute(
            SQL(
                """
                INSERT INTO marketing_activity_figures (
                    activity_id, company_id, moment, metric, reason, number
                )
                SELECT activity_id, company_id, %(moment)s, metric,
                    CASE WHEN state != 'processed' THEN %(reason)s END, %(sign)s * count(*)
                FROM marketing_trace
                CROSS JOIN LATERAL (VALUES %(metrics)s) AS counted (metric, is_met)
                WHERE execution_date IS NOT NULL AND NOT is_test AND is_met
                GROUP BY 1, 2, 3, 4, 5
                """,
                moment=moment,
                reason=reason,
                sign=sign,
                metrics=SQL(", ").join(
                    SQL("(%s, %s)", name, SQL(condition))  # pylint: disable=sql-injection
                    for name, condition in METRICS.items()
                ),
            )
        )
    cr.execute(
        """
        WITH merged AS (DELETE FROM marketing_activity_figures RETURNING *)
        INSERT INTO marketing_activity_figures (
            activity_id, company_id, moment, metric, reason, number
        )
        SELECT activity_id, company_id, moment, metric, reason, sum(number)
        FROM merged GROUP BY 1, 2, 3, 4, 5 HAVING sum(number) != 0
        """
    )

"""Sets of rows in statements."""

from odoo.tools import SQL


def traces_sql(ids):
    """``SELECT *`` of traces, one by one: PostgreSQL would rather read all there are than look up
    tens of thousands of them."""
    return SQL(
        """
        SELECT found.* FROM unnest(%s::integer[]) AS wanted (id)
        CROSS JOIN LATERAL (
            SELECT * FROM marketing_trace WHERE id = wanted.id OFFSET 0
        ) AS found
        """,
        ids,
    )

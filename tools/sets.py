"""Sets of rows in statements."""

from odoo.tools import SQL


def to_array(values):
    """A list as one value of a statement, ``{1,NULL,"two"}``, whose type the statement says.

    psycopg2 writes ``ARRAY[1, NULL, 'two']``, which PostgreSQL reads as an expression for each
    item: with tens of thousands of them that takes longer than what is asked.

    :param values: numbers, texts, moments, truth values or None, of one type; a list, or another
        collection that can be read twice
    :rtype: str
    """
    items = {value: _to_item(value) for value in set(values)}
    return f"{{{','.join(map(items.__getitem__, values))}}}"


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
        to_array(ids),
    )


def _to_item(value):
    if isinstance(value, int):
        return str(value)
    if value is None:
        return "NULL"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'

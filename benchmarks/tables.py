"""Copies of the engine's tables, for floors of bare SQL."""

from odoo.tools import SQL


def copy_tables(env, foreign_keys=True):
    """Empty tables ``bench_participant`` and ``bench_trace``, with the columns, checks and
    indexes of the engine's, and with their foreign keys, which ``LIKE`` leaves out.
    """
    drop_tables(env)
    for table in ("participant", "trace"):
        env.cr.execute(
            SQL(
                "CREATE TABLE %s (LIKE %s INCLUDING ALL)",
                SQL.identifier(f"bench_{table}"),
                SQL.identifier(f"marketing_{table}"),
            )
        )
    if not foreign_keys:
        return
    for table in ("participant", "trace"):
        env.cr.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid = %s::regclass",
            [f"marketing_{table}"],
        )
        for name, definition in env.cr.fetchall():
            for other in ("participant", "trace"):
                definition = definition.replace(
                    f"REFERENCES marketing_{other}(", f"REFERENCES bench_{other}("
                )
            env.cr.execute(
                SQL(
                    "ALTER TABLE %s ADD CONSTRAINT %s %s",
                    SQL.identifier(f"bench_{table}"),
                    SQL.identifier(f"bench_{name}"),
                    SQL(definition.replace("%", "%%")),
                )
            )


def copy_rows(env, campaign):
    """The same rows in the copies of the tables."""
    copy_tables(env)
    env.cr.execute(
        "INSERT INTO bench_participant SELECT * FROM marketing_participant WHERE campaign_id = %s",
        [campaign.id],
    )
    env.cr.execute(
        "INSERT INTO bench_trace SELECT * FROM marketing_trace WHERE activity_id = ANY(%s)",
        [campaign.marketing_activity_ids.ids],
    )


def drop_tables(env):
    env.cr.execute("DROP TABLE IF EXISTS bench_trace, bench_participant")

"""The database refuses whatever the tables of states do not know."""

from odoo.tools import SQL

from ..tools.states import PARTICIPANT_WAYS, TRACE_WAYS

TABLES = {"marketing_trace": TRACE_WAYS, "marketing_participant": PARTICIPANT_WAYS}


def watch_states(env):
    """From now on, in this transaction, a state that changes in another way is an error."""
    for table, ways in TABLES.items():
        function = SQL.identifier(f"{table}_watch")
        known = [f"{way.before} > {way.after}" for way in ways]
        env.cr.execute(
            SQL(
                """
                CREATE FUNCTION %(function)s() RETURNS trigger LANGUAGE plpgsql AS $watch$
                DECLARE before text := 'None';
                BEGIN
                    IF TG_OP = 'UPDATE' THEN
                        before := OLD.state;
                    END IF;
                    IF before != NEW.state AND before || ' > ' || NEW.state != ALL(%(known)s) THEN
                        RAISE EXCEPTION 'No way leads from %% to %%', before, NEW.state;
                    END IF;
                    RETURN NEW;
                END $watch$;
                CREATE TRIGGER %(function)s BEFORE INSERT OR UPDATE ON %(table)s
                FOR EACH ROW EXECUTE FUNCTION %(function)s()
                """,
                function=function,
                table=SQL.identifier(table),
                known=known,
            )
        )

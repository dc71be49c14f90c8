"""How often activities had which outcome, counted when it happens."""

from odoo import api, fields, models
from odoo.tools import SQL, sql

from ...tools.states import STATES
from ...tools.unchecked import UncheckedMany2one

# What an operation on traces takes away and adds: the rows before and after it, as PostgreSQL
# hands them to its triggers.
TRANSITIONS = {
    "insert": [(1, "after")],
    "update": [(-1, "before"), (1, "after")],
    "delete": [(-1, "before")],
}
# Columns of traces that are read for all metrics.
COUNTED_COLUMNS = (
    "activity_id",
    "branch_id",
    "company_id",
    "execution_date",
    "state",
    "state_reason",
)
DELETED_FUNCTION = SQL.identifier("marketing_activity_delete_figures")


class MarketingActivityFigures(models.Model):
    """Outcomes of an activity, by the quarter of an hour in which it was executed; without tests.

    Millions of traces are too many to be counted whenever a campaign is opened. The
    database adds rows here for each change of a set of traces, in the same
    transaction: rows of the same kind add up (two events at once never wait for each
    other), and are merged later.
    """

    _name = "marketing.activity.figures"
    _description = "Figures of Marketing Activities"
    _order = "moment DESC, id DESC"
    _log_access = False

    activity_id = UncheckedMany2one("marketing.activity", "Step", required=True, readonly=True)
    branch_id = UncheckedMany2one(
        "marketing.activity.branch",
        readonly=True,
        help="The branch of a step that steers which was taken; empty for other steps, and where"
        " none was.",
    )
    company_id = UncheckedMany2one("res.company", readonly=True)
    # Days begin at a quarter of an hour in every time zone.
    moment = fields.Datetime(
        required=True,
        readonly=True,
        help="When the quarter of an hour began in which it was executed.",
    )
    metric = fields.Selection(
        selection="_selection_metric", required=True, readonly=True, help="What is counted."
    )
    reason = fields.Selection(
        selection=lambda self: self.env["marketing.trace"]._selection_state_reason(),
        readonly=True,
        help="Why it was not executed, or what went wrong. Empty for outcomes of before figures"
        " had reasons.",
    )
    number = fields.Integer(
        required=True, readonly=True, help="How many traces; below 0 where they became others."
    )

    _moment = models.Index("(activity_id, moment)")

    @api.model
    def _selection_metric(self):
        metrics = self.env["marketing.activity"]._get_metrics()
        return [(key, self.env._(metric.label)) for key, metric in metrics.items()]

    # ------------------------------------------------------------
    # COUNT
    # ------------------------------------------------------------

    @api.model
    def _count_in_database(self, without=()):
        """Have the database count from now on; what is new is counted once from what there is.

        :param without: columns of traces that are about to go, with an addon
        """
        columns = {False, *sql.table_columns(self.env.cr, "marketing_trace")}.difference(without)
        metrics = {
            key: metric
            for key, metric in self.env["marketing.activity"]._get_metrics().items()
            if metric.date_field in columns
        }
        known = self.env.execute_query(
            SQL(
                "SELECT key FROM unnest(%s) AS key WHERE EXISTS"
                " (SELECT FROM marketing_activity_figures WHERE metric = key)",
                list(metrics),
            )
        )
        if new := set(metrics).difference(*known):
            self.env.cr.execute(
                self._count_sql({key: metrics[key] for key in new}, [(1, SQL("marketing_trace"))])
            )
        for operation, tables in TRANSITIONS.items():
            # The traces of a deleted activity go after it, and after its figures.
            conditions = [SQL("EXISTS (SELECT FROM marketing_activity WHERE id = activity_id)")]
            count = self._count_sql(
                metrics,
                [(sign, SQL.identifier(table)) for sign, table in tables],
                *(conditions if operation == "delete" else []),
            )
            self.env.cr.execute(
                self._trigger_sql(
                    self._counting_function(operation),
                    self.env["marketing.trace"],
                    operation,
                    [table for _sign, table in tables],
                    count,
                )
            )
        self.env.cr.execute(
            self._trigger_sql(
                DELETED_FUNCTION,
                self.env["marketing.activity"],
                "delete",
                ["before"],
                SQL(
                    "DELETE FROM marketing_activity_figures"
                    " WHERE activity_id IN (SELECT id FROM before)"
                ),
            )
        )

    @api.model
    def _is_counting(self):
        function = f"marketing_trace_count_{next(iter(TRANSITIONS))}"
        [(oid,)] = self.env.execute_query(SQL("SELECT to_regproc(%s)", function))
        return bool(oid)

    @api.model
    def _stop_counting(self):
        """Take out of the database what does not go with the tables."""
        for function in (*map(self._counting_function, TRANSITIONS), DELETED_FUNCTION):
            self.env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s CASCADE", function))

    @api.model
    def _counting_function(self, operation):
        return SQL.identifier(f"marketing_trace_count_{operation}")

    @api.model
    def _trigger_sql(self, function, model, operation, tables, statement):
        """Statements that (re)make a trigger.

        :param SQL function: its name, and that of the function that it calls
        :param model: recordset of the model whose rows are changed
        :param str operation: insert, update or delete
        :param list tables: of the rows that it reads: before, after
        :param SQL statement: what it does when there are any
        """
        return SQL(
            """
            CREATE OR REPLACE FUNCTION %(function)s() RETURNS trigger LANGUAGE plpgsql AS $trigger$
            BEGIN
                IF EXISTS (SELECT FROM %(changed)s) THEN %(statement)s; END IF;
                RETURN NULL;
            END $trigger$;
            DROP TRIGGER IF EXISTS %(function)s ON %(table)s;
            CREATE TRIGGER %(function)s AFTER %(operation)s ON %(table)s
            REFERENCING %(tables)s FOR EACH STATEMENT EXECUTE FUNCTION %(function)s()
            """,
            function=function,
            statement=statement,
            changed=SQL.identifier(tables[-1]),
            table=SQL.identifier(model._table),
            operation=SQL(operation),  # pylint: disable=sql-injection
            tables=SQL(" ").join(
                SQL("OLD TABLE AS before") if table == "before" else SQL("NEW TABLE AS after")
                for table in tables
            ),
        )

    @api.model
    def _count_sql(self, metrics, tables, *conditions):
        """``INSERT`` of what traces come to.

        :param dict metrics: which are counted, by key
        :param list tables: pairs of 1 or -1, whether they are added or taken away, and their table
        :param conditions: on the traces, as SQL
        """
        dates = sorted({metric.date_field for metric in metrics.values()} - {False})
        columns = SQL(", ").join(map(SQL.identifier, [*COUNTED_COLUMNS, *dates]))
        traces = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s AS sign, %s FROM %s WHERE execution_date IS NOT NULL AND NOT is_test",
                SQL(str(sign)),
                columns,
                table,
            )
            for sign, table in tables
        )
        kind = [*self._kind_sql(), *map(self._has_sql, dates)]
        return SQL(
            """
            INSERT INTO marketing_activity_figures (
                activity_id, branch_id, company_id, moment, metric, reason, number
            )
            SELECT activity_id, branch_id, company_id, moment, metric, reason, sum(number)
            FROM (
                -- Traces of the same kind are many: for which metrics they count is asked once.
                SELECT %(kind)s, sum(sign) AS number FROM (%(traces)s) AS trace GROUP BY %(places)s
            ) AS kind
            CROSS JOIN LATERAL (VALUES %(metrics)s) AS counted (metric, is_met)
            WHERE %(conditions)s
            GROUP BY 1, 2, 3, 4, 5, 6
            HAVING sum(number) != 0
            """,
            kind=SQL(", ").join(kind),
            places=SQL(", ").join(SQL(str(place)) for place in range(1, len(kind) + 1)),
            traces=traces,
            metrics=SQL(", ").join(
                SQL("(%s, %s)", name, self._metric_sql(metric)) for name, metric in metrics.items()
            ),
            conditions=SQL(" AND ").join([SQL("is_met"), *conditions]),
        )

    @api.model
    def _kind_sql(self):
        """What figures are counted by, of a trace."""
        return [
            SQL("activity_id"),
            SQL("branch_id"),
            SQL("company_id"),
            SQL(
                "date_trunc('hour', execution_date)"
                " + extract(minute FROM execution_date)::int / 15 * interval '15 minutes' AS moment"
            ),
            SQL("state"),
            SQL("CASE WHEN state != %(processed)s THEN state_reason END AS reason", **STATES),
        ]

    @api.model
    def _has_sql(self, date_field):
        """Whether a trace has a date, as a column of that name."""
        name = SQL.identifier(date_field)
        return SQL("%s IS NOT NULL AS %s", name, name)

    @api.model
    def _metric_sql(self, metric):
        """Whether traces of a kind count."""
        is_met = SQL("state = %s", metric.state)
        if not metric.date_field:
            return is_met
        has_date = SQL.identifier(metric.date_field)
        return SQL("%s AND %s%s", is_met, SQL("NOT ") if metric.is_empty else SQL(), has_date)

    @api.model
    def _keep(self, traces):
        """Go on counting traces that are about to be deleted.

        :param SQL traces: query of their ids
        """
        self.env.cr.execute(
            self._count_sql(
                self.env["marketing.activity"]._get_metrics(),
                [(1, SQL("(SELECT * FROM marketing_trace WHERE id IN (%s)) AS kept", traces))],
            )
        )

    @api.autovacuum
    def _gc_merge(self):
        """Merge the rows of the same kind and quarter of an hour."""
        kind = SQL("activity_id, branch_id, company_id, moment, metric, reason")
        self.env.cr.execute(
            SQL(
                """
                WITH several AS (
                    SELECT %(kind)s FROM marketing_activity_figures
                    GROUP BY %(kind)s HAVING count(*) > 1
                ), merged AS (
                    DELETE FROM marketing_activity_figures figures USING several
                    WHERE figures.activity_id = several.activity_id
                        AND figures.moment = several.moment
                        AND figures.metric = several.metric
                        AND figures.reason IS NOT DISTINCT FROM several.reason
                        AND figures.branch_id IS NOT DISTINCT FROM several.branch_id
                        AND figures.company_id IS NOT DISTINCT FROM several.company_id
                    RETURNING figures.*
                )
                INSERT INTO marketing_activity_figures (%(kind)s, number)
                SELECT %(kind)s, sum(number) FROM merged
                GROUP BY %(kind)s HAVING sum(number) != 0
                """,
                kind=kind,
            )
        )
        self.invalidate_model()

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    @api.model
    def _read_figures(self, activities, groupby, metrics=None):
        """What is counted of activities, of companies that one may see.

        :param groupby: specifications to group by, after the activity
        :param metrics: which; all of them if left out
        :return: tuples of the activity, the other groups, and the number
        :rtype: list[tuple]
        """
        self.env["marketing.trace"].flush_model()
        return self._read_group(
            [
                ("activity_id", "in", activities.ids),
                ("metric", "in", list(metrics or self.env["marketing.activity"]._get_metrics())),
            ],
            ["activity_id", *groupby],
            ["number:sum"],
        )

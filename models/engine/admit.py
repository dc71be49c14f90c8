"""The one way in: whoever hands records over, the same rules decide who takes part."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.admission import Known, answer, decide, get_run_key
from ...tools.parameters import get_positive
from ...tools.sets import to_array
from ...tools.states import COMPLETED, KNOWN, NOT_FOUND, RUNNING, TOO_MANY, UNMATCHED

MAX_RUNS_PARAMETER = "marketing_automation.max_runs_a_day"
MAX_RUNS = 10


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    too_many_date = fields.Datetime(
        copy=False,
        readonly=True,
        help="When the responsible was last told that somebody was to begin too many runs.",
    )

    # ------------------------------------------------------------
    # ENGINE
    # ------------------------------------------------------------

    def _admit(self, wanted, entry=None, moment=None, dry_run=False):
        """Let those in who may enter: they match the campaign's filter, as its responsible sees
        it, take part in no other run that keeps them out, and not too often.

        The number of queries does not depend on theirs. Where somebody else lets in the same
        person in the same moment, one of the two transactions is tried again.

        :param list wanted: records, as ``Wanted``
        :param entry: by which they come; empty if by none
        :param datetime moment: from when the steps of those count that have none of their own
        :param bool dry_run: whether it is only asked
        :return: an answer for each, in this order, see :meth:`enrol`
        :rtype: list[dict]
        :raise UserError: if the campaign does not run, or cannot enrol anybody, or the entry is
            not active
        """
        self.ensure_one()
        self._check_lets_in(entry)
        answers = [answer(want.res_id, NOT_FOUND) for want in wanted]
        if not wanted:
            return answers
        moment = moment or fields.Datetime.now()
        decisions = decide(
            self._get_known(wanted, entry, moment),
            wanted,
            self._get_max_runs(),
            bool(entry) and entry._get_entry_type().is_limited,
        )
        created = {} if dry_run else self._create_runs(decisions, wanted, entry, moment)
        for decision in decisions:
            number, reason = decision.known.number, decision.reason
            participant_id = created.get(number if decision.same is None else decision.same)
            if not (reason or participant_id or dry_run):
                reason = KNOWN  # somebody else was quicker
            answers[number].update(
                reason=reason,
                created=not (reason or dry_run),
                participant_id=participant_id or decision.known.participant_id or False,
            )
        if not dry_run:
            self._tell_too_many(decisions)
            self._wake_up_when_due()
        return answers

    def _exit_records(self, res_ids, reason):
        """End the runs of these records that are under way.

        :param res_ids: ids of records of the target
        :param str reason: key of the reason
        :return: the number of runs that were ended
        """
        return self.env["marketing.participant"]._exit(
            SQL(
                "campaign_id = %s AND res_id = ANY(%s) AND NOT is_test AND state = %s",
                self.id,
                list(res_ids),
                RUNNING,
            ),
            reason,
        )

    def _check_lets_in(self, entry):
        """
        :raise UserError: if nobody can come in now, or not by this entry
        """
        if self.state != "running":
            raise UserError(
                self.env._(
                    "Campaign “%(campaign)s” does not run: start it to let anybody in.",
                    campaign=self.name,
                )
            )
        self._check_can_enrol()
        if entry and not entry.active:
            raise UserError(
                self.env._(
                    "Entry “%(entry)s” of campaign “%(campaign)s” is archived: it lets nobody in.",
                    entry=entry.display_name,
                    campaign=self.name,
                )
            )

    @api.model
    def _get_max_runs(self):
        """How many runs a person may begin within a day without a key of their own."""
        return get_positive(self.env, MAX_RUNS_PARAMETER, MAX_RUNS)

    # ------------------------------------------------------------
    # WHO MAY
    # ------------------------------------------------------------

    def _get_known(self, wanted, entry, moment):
        """What is known of those who are wanted by an entry, or by none, and whose record is there,
        in their order.

        :rtype: list[Known]
        """
        model = self._get_audience_model()
        self.env.flush_all()
        # To compile the query takes PostgreSQL longer than to execute it.
        with self._limited_search(jit="off"):
            rows = self.env.execute_query(
                SQL(
                    """
                    WITH wanted AS MATERIALIZED (
                        SELECT number - 1 AS number, res_id, entry_key,
                            coalesce(moment, %(now)s) AS moment
                        FROM unnest(%(res_ids)s::integer[], %(keys)s::varchar[],
                            %(moments)s::timestamp[])
                            WITH ORDINALITY AS wanted (res_id, entry_key, moment, number)
                    ),
                    seen AS (%(seen)s),
                    matching AS (%(matching)s),
                    person AS MATERIALIZED (
                        SELECT wanted.*, matching.id IS NOT NULL AS matches, %(hashes)s AS hashes
                        FROM wanted
                        JOIN seen ON seen.id = wanted.res_id
                        LEFT JOIN matching ON matching.id = wanted.res_id
                        %(records)s
                    ),
                    run AS (%(runs)s),
                    history AS (%(history)s)
                    SELECT number,
                        CASE
                            WHEN same_id IS NOT NULL THEN %(known)s
                            WHEN entry_key = '' AND %(known)s = ANY(reasons) THEN %(known)s
                            WHEN NOT matches THEN %(unmatched)s
                            WHEN entry_key = '' THEN coalesce(reasons[1], '')
                            ELSE ''
                        END,
                        coalesce(same_id, last_id), hashes, coalesce(last_run, 0),
                        coalesce(recent_runs, 0)
                    FROM person LEFT JOIN history USING (number)
                    ORDER BY number
                    """,
                    now=moment,
                    res_ids=to_array([want.res_id for want in wanted]),
                    keys=to_array([want.entry_key for want in wanted]),
                    moments=to_array([want.moment for want in wanted]),
                    seen=_wanted_sql(model.with_context(active_test=False), Domain.TRUE),
                    matching=_wanted_sql(model, self._get_searched_domain()),
                    runs=self._runs_sql(),
                    history=self._history_sql(entry),
                    known=KNOWN,
                    unmatched=UNMATCHED,
                    **self._hashes_sql([want.res_id for want in wanted]),
                )
            )
        return [Known(*row) for row in rows]

    def _hashes_sql(self, res_ids):
        """By what the record of ``wanted`` is recognised.

        :return: ``hashes``, an array whose first one is the identity; ``records``, what has to be
            joined for it
        :rtype: dict[str, SQL]
        """
        of_record = self._hash_record_sql(SQL("wanted.res_id"))
        if not self.unique_field_id:
            return {"hashes": SQL("ARRAY[%s]", of_record), "records": SQL()}
        keys = self._all_keys_sql()
        odd = self._get_odd_identities(
            SQL("SELECT id, odd FROM (%s) AS record WHERE id = ANY(%s)", keys, to_array(res_ids))
        )
        return {
            "hashes": SQL(
                "string_to_array(coalesce(odd.identities, %s, %s), ' ')",
                self._hash_key_sql(SQL("record.key")),
                of_record,
            ),
            "records": SQL(
                "LEFT JOIN (%s) AS record ON record.id = wanted.res_id"
                " LEFT JOIN unnest(%s::integer[], %s::text[]) AS odd (id, identities)"
                " ON odd.id = wanted.res_id",
                keys,
                to_array(odd),
                to_array(odd.values()),
            ),
        }

    def _runs_sql(self):
        """All runs of each ``person``, as ``SELECT number, id``."""
        ways = [
            SQL(
                """
                SELECT person.number, known.id FROM person
                JOIN marketing_participant known ON known.res_id = person.res_id
                WHERE known.campaign_id = %(campaign_id)s AND NOT known.is_test
                UNION
                SELECT person.number, known.id FROM person
                CROSS JOIN unnest(hashes) AS hash
                JOIN marketing_participant known ON known.identity = hash
                WHERE known.campaign_id = %(campaign_id)s AND NOT known.is_test
                """,
                campaign_id=self.id,
            )
        ]
        others = [self._others_sql() if self._has_others() else None, self._unidentified_sql()]
        ways += [
            SQL(
                """
                SELECT person.number, other.id FROM person
                CROSS JOIN unnest(hashes || %s) AS hash
                JOIN (%s) AS other ON other.identity = hash
                """,
                self._hash_record_sql(SQL("person.res_id")),
                other,
            )
            for other in others
            if other
        ]
        return SQL(" UNION ").join(ways)

    def _history_sql(self, entry):
        """What the runs of each ``person`` say to an entry."""
        blocking = self._get_blocking(SQL("known"), SQL("person.moment"))
        if entry and entry._get_entry_type().has_moments:
            blocking[KNOWN] = SQL(
                "(%s OR known.entry_id = %s AND known.create_date = person.moment)",
                blocking[KNOWN],
                entry.id,
            )
        reasons = [
            SQL("CASE WHEN bool_or(%s) THEN %s END", condition, reason)
            for reason, condition in blocking.items()
        ]
        return SQL(
            """
            SELECT person.number, max(known.id) AS last_id, max(known.run_number) AS last_run,
                max(known.id) FILTER (
                    WHERE person.entry_key != ''
                        AND known.entry_key IN (person.entry_key, %(secret_key)s)
                ) AS same_id,
                count(*) FILTER (
                    WHERE known.create_date > person.moment - interval '1 day'
                ) AS recent_runs,
                array_remove(ARRAY[%(reasons)s], NULL) AS reasons
            FROM run
            JOIN person ON person.number = run.number
            JOIN marketing_participant known ON known.id = run.id
            GROUP BY person.number
            """,
            secret_key=self._secret_key_sql(SQL("nullif(person.entry_key, '')")),
            reasons=SQL(", ").join(reasons),
        )

    # ------------------------------------------------------------
    # TAKE IN
    # ------------------------------------------------------------

    def _create_runs(self, decisions, wanted, entry, moment):
        """Make participants, with their first traces, of those who take part.

        :return: ids of the participants by the number of those who were wanted
        :rtype: dict[int, int]
        """
        chosen = [decision for decision in decisions if not decision.reason]
        if not chosen:
            return {}
        wants = [wanted[decision.known.number] for decision in chosen]
        hashes = [decision.known.hashes for decision in chosen]
        keys = [
            get_run_key(want.entry_key, decision.run_number)
            for want, decision in zip(wants, chosen, strict=True)
        ]
        query = SQL(
            """
            WITH %(inserted)s
            SELECT identity, entry_key, id FROM participant
            """,
            inserted=self._insert_runs_sql(
                SQL(
                    """
                    SELECT * FROM unnest(%s::integer[], %s::varchar[], %s::varchar[],
                        %s::varchar[], %s::integer[], %s::varchar[], %s::timestamp[])
                        AS candidate (id, identity, other_identities, entry_key, run_number,
                            source, create_date)
                    """,
                    *map(
                        to_array,
                        (
                            [want.res_id for want in wants],
                            [values[0] for values in hashes],
                            [" ".join(values[1:]) or None for values in hashes],
                            keys,
                            [decision.run_number for decision in chosen],
                            [want.source or None for want in wants],
                            [want.moment or moment for want in wants],
                        ),
                    ),
                ),
                entry,
            ),
        )
        made = {
            (identity, key): participant_id
            for identity, key, participant_id in self.env.execute_query(query)
        }
        self._invalidate_runs()
        return {
            decision.known.number: made.get((decision.known.hashes[0], key))
            for decision, key in zip(chosen, keys, strict=True)
        }

    def _insert_runs_sql(self, candidates, entry):
        """The only place where participants come to be, with the first of their traces.

        :param SQL candidates: query of id (of the record), identity, other_identities, entry_key,
            run_number, source, create_date
        :param entry: by which they come; empty if by none
        :return: common table expressions; ``participant`` has those who were not there before
        """
        triggers = self.marketing_activity_ids.mapped("trigger_type")
        participants = self.env["marketing.participant"]
        return SQL(
            """
            participant AS (
                INSERT INTO marketing_participant (
                    campaign_id, entry_id, res_id, company_id, state, is_test, identity,
                    other_identities, entry_key, run_number, source, create_date, write_date
                )
                SELECT %(campaign_id)s, %(entry_id)s, id, %(company_id)s, %(state)s, FALSE,
                    identity, other_identities, entry_key, run_number, source, create_date,
                    %(now)s
                FROM (%(candidates)s) AS candidate
                ORDER BY id  -- in the same order everywhere: nobody waits in a circle
                ON CONFLICT DO NOTHING
                RETURNING id, res_id, company_id, is_test, identity, entry_key, create_date
            ),
            trace AS (%(first_traces)s)
            """,
            campaign_id=self.id,
            entry_id=entry.id if entry else None,
            company_id=participants._company_sql(self.env[self.model_name], SQL("candidate.id")),
            state=RUNNING if "begin" in triggers else COMPLETED,
            candidates=candidates,
            now=fields.Datetime.now(),
            first_traces=self.env["marketing.trace"]._first_traces_sql(
                self, SQL("SELECT * FROM participant")
            ),
        )

    def _invalidate_runs(self):
        self.env["marketing.participant"].invalidate_model()
        self.env["marketing.trace"].invalidate_model()

    def _tell_too_many(self, decisions):
        """Tell the responsible, once a day, where somebody was cut off."""
        if not any(decision.reason == TOO_MANY for decision in decisions):
            return
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        if self.too_many_date and self.too_many_date > yesterday:
            return
        # Where somebody else holds the campaign, the next one who is cut off is told.
        if not self.try_lock_for_update(allow_referencing=True):
            return
        self.too_many_date = fields.Datetime.now()
        campaign = self.with_context(lang=self._get_user_in_charge().lang)
        campaign._notify_problems(
            [
                campaign.env._(
                    "Somebody was to begin more than %(limit)s runs within a day and was not let in"
                    " again: look for a campaign, or an automation rule, that lets the same people"
                    " in again and again.",
                    limit=self._get_max_runs(),
                )
            ],
            campaign.env._("Too many runs of the same person"),
        )


def _wanted_sql(model, domain):
    """Those of ``wanted`` that match: ``SELECT id``.

    :param model: the target, as who asks sees it
    """
    query = model._search(domain)
    query.add_where(SQL("%s IN (SELECT res_id FROM wanted)", SQL.identifier(query.table, "id")))
    return query.select(SQL("%s AS id", SQL.identifier(query.table, "id")))

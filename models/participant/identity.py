"""Who takes part is recognised by hashes that tell nobody who it is.

They are only ever added: neither an edited nor a deleted or merged record, nor one that was
forgotten, lets anybody begin anew.
"""

import hashlib
import secrets

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.addresses import address_keys
from ...tools.states import FORGOTTEN

SECRET_PARAMETER = "marketing_automation.identity_secret"
IDENTIFY_BATCH_SIZE = 20_000


class MarketingParticipant(models.Model):
    _inherit = "marketing.participant"

    identity = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Who takes part: SHA-256, in hexadecimal digits, of a secret of this database with the"
        " value of the unicity field, or with the record where there is none. Of two who took part"
        " before they became the same, the later one has an identity of its own. Empty for tests.",
    )
    other_identities = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="By what else the one who takes part is recognised, with spaces between: more"
        " addresses, the record once it is forgotten, a record that was merged, what the campaign"
        " was unique on before. Nobody with one of these takes part again.",
    )
    entry_key = fields.Char(
        required=True,
        default="",
        readonly=True,
        copy=False,
        help="What made this a run of its own, such as the number of an order; empty for the run"
        " that everybody may have. The same key again is the same run.",
    )
    run_number = fields.Integer(
        "Run",
        required=True,
        default=1,
        readonly=True,
        copy=False,
        help="Which of the person's runs through the campaign this is: 1, 2, ...",
    )

    # Nobody twice.
    _once = models.UniqueIndex("(campaign_id, identity, entry_key) WHERE NOT is_test")
    _others = models.Index("(campaign_id) WHERE other_identities IS NOT NULL")

    def _complete_identities(self):
        """Identify these live participants, where that has yet to be done, before more becomes of
        their records."""
        for campaign, participants in self.grouped("campaign_id").items():
            if not campaign._is_identified():
                campaign._identify(participants.ids)


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    identity_kind = fields.Char(
        copy=False,
        readonly=True,
        help="What participants are recognised by: the target, and its unicity field.",
    )
    identify_from = fields.Integer(
        copy=False,
        readonly=True,
        help="The number of the first participant who is not recognised by that yet; 0 when all"
        " are. Nobody is enrolled until then.",
    )

    # ------------------------------------------------------------
    # IDENTIFY
    # ------------------------------------------------------------

    def _is_identified(self):
        """Whether all participants are recognised by what the campaign is unique on."""
        return self.identity_kind == self._get_identity_kind() and not self.identify_from

    def _identify_next(self):
        """Make the identities of the next batch of participants, where there are any to make:
        after a change of the unicity field, or of those who are older than identities.

        :return: whether there may be more
        """
        self.ensure_one()
        if self._is_identified():
            return False
        if self.identity_kind != self._get_identity_kind():
            self.write({"identity_kind": self._get_identity_kind(), "identify_from": 1})
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM marketing_participant
                WHERE campaign_id = %s AND NOT is_test AND id >= %s ORDER BY id LIMIT %s
                """,
                self.id,
                self.identify_from,
                IDENTIFY_BATCH_SIZE,
            )
        )
        ids = [participant_id for (participant_id,) in rows]
        if ids:
            self._identify(ids)
        self.identify_from = ids[-1] + 1 if len(ids) == IDENTIFY_BATCH_SIZE else 0
        return bool(self.identify_from)

    def _identify(self, participant_ids, are_new=False):
        """Make the identities of participants of what their records have now; those that they
        had are kept as others.

        Of several who have become the same the first one has the identity. The later ones
        go on, each with an identity of its own; theirs is kept as another one.

        :param bool are_new: whether there must not be such
        """
        own = self._hash_sql("marketing.participant", SQL("known.id"))
        self.env.execute_query(
            SQL(
                """
                WITH known AS (%(known)s),
                chosen AS (
                    SELECT id, before, others, hashes, CASE
                        WHEN hashes IS NOT NULL AND NOT EXISTS (
                            SELECT FROM marketing_participant taken
                            WHERE taken.campaign_id = %(campaign_id)s AND NOT taken.is_test
                                AND taken.identity = hashes[1]
                                AND taken.entry_key = known.entry_key AND taken.id != known.id
                        ) AND row_number() OVER (PARTITION BY hashes[1], entry_key ORDER BY id) = 1
                        THEN hashes[1] ELSE %(later)s END AS identity
                    FROM known
                )
                UPDATE marketing_participant participant
                SET identity = chosen.identity, other_identities = %(others)s
                FROM chosen WHERE participant.id = chosen.id
                RETURNING participant.id
                """,
                known=self._identities_sql(SQL("participant.id = ANY(%s)", list(participant_ids))),
                campaign_id=self.id,
                later=SQL("hashes[1]") if are_new else own,
                others=_union_sql("others", SQL("before || hashes"), SQL("chosen.identity")),
            )
        )
        self.env["marketing.participant"].invalidate_model(["identity", "other_identities"])

    def _unidentified_sql(self):
        """By what participants are recognised whose identities are yet to be made, as ``SELECT
        id, identity``; None where there are none."""
        if self._is_identified():
            return None
        is_begun = self.identity_kind == self._get_identity_kind()
        return SQL(
            "SELECT id, unnest(hashes) AS identity FROM (%s) AS participant",
            self._identities_sql(
                SQL(
                    "participant.campaign_id = %s AND participant.id >= %s",
                    self.id,
                    self.identify_from if is_begun else 1,
                )
            ),
        )

    def _add_identities(self, participant_ids):
        """Recognise these participants by what their records have now, too."""
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_participant participant SET other_identities = %(others)s
                FROM (%(known)s) AS known
                WHERE participant.id = known.id
                RETURNING participant.id
                """,
                others=_union_sql("others", SQL("hashes"), SQL("before")),
                known=self._identities_sql(SQL("participant.id = ANY(%s)", list(participant_ids))),
            )
        )
        self.env["marketing.participant"].invalidate_model(["other_identities"])

    def _identities_sql(self, condition):
        """By what the records of participants are recognised now: an array of hashes, the same
        two columns as they are, and whatever else is needed of the participant.

        Where the record is gone, and it was known by what they are recognised, nothing changes.

        :param SQL condition: on the ``participant``
        """
        records = self._all_keys_sql()
        odd = self._get_odd_identities(
            SQL(
                "SELECT participant.id, record.odd FROM marketing_participant participant"
                " JOIN (%s) AS record ON record.id = participant.res_id"
                " WHERE NOT participant.is_test AND %s",
                records,
                condition,
            )
        )
        return SQL(
            """
            SELECT participant.id, participant.entry_key, participant.identity AS before,
                string_to_array(participant.other_identities, ' ') AS others,
                string_to_array(coalesce(odd.identities, %(of_key)s, %(of_record)s), ' ') AS hashes
            FROM marketing_participant participant
            LEFT JOIN (%(records)s) AS record ON record.id = participant.res_id
            LEFT JOIN unnest(%(odd_ids)s::integer[], %(odd)s::text[]) AS odd (id, identities)
                ON odd.id = participant.id
            WHERE %(condition)s AND NOT participant.is_test
                AND (record.id IS NOT NULL OR participant.identity IS NULL)
            """,
            records=records,
            of_key=self._hash_key_sql(SQL("record.key")),
            of_record=self._hash_record_sql(SQL("nullif(participant.res_id, %s)", FORGOTTEN)),
            odd_ids=list(odd),
            odd=list(odd.values()),
            condition=condition,
        )

    def _identity_sql(self):
        """The identity of the record ``candidate``; NULL where its value needs Python.

        :return: ``identity``, and ``records``, what has to be joined for it
        :rtype: dict[str, SQL]
        """
        of_record = self._hash_record_sql(SQL("candidate.id"))
        if not self.unique_field_id:
            return {"identity": of_record, "records": SQL()}
        return {
            "identity": SQL(
                "CASE WHEN record.odd IS NULL THEN coalesce(%s, %s) END",
                self._hash_key_sql(SQL("record.key")),
                of_record,
            ),
            "records": SQL(
                "LEFT JOIN (%s) AS record ON record.id = candidate.id", self._all_keys_sql()
            ),
        }

    def _get_odd_identities(self, values):
        """Those of values that PostgreSQL cannot make comparable.

        :param SQL values: query of columns id and odd, see :meth:`_keys_sql`
        :return: hashes with spaces between, by id
        :rtype: dict[int, str]
        """
        if not self._is_unique_by_address():
            return {}
        rows = self.env.execute_query(
            SQL("SELECT id, odd FROM (%s) AS value WHERE odd IS NOT NULL", values)
        )
        hashes = {
            value_id: " ".join(sorted(self._hash_keys(address_keys(text))))
            for value_id, text in rows
        }
        return {value_id: texts for value_id, texts in hashes.items() if texts}

    # ------------------------------------------------------------
    # FORGET
    # ------------------------------------------------------------

    def _forget_participants(self, participants):
        """Keep of participants of this campaign only their identities, and that of the record;
        neither what their runs are about, nor the keys by which that could be found."""
        participants._complete_identities()
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_participant
                SET other_identities = concat_ws(' ', other_identities, %(of_record)s),
                    res_id = %(forgotten)s, source = NULL,
                    entry_key = CASE
                        WHEN starts_with(entry_key, ' ') OR entry_key = '' THEN entry_key
                        ELSE %(secret_key)s
                    END
                WHERE id = ANY(%(ids)s) AND res_id != %(forgotten)s
                RETURNING id
                """,
                of_record=self._hash_record_sql(SQL("res_id")),
                secret_key=self._secret_key_sql(SQL("entry_key")),
                ids=participants.ids,
                forgotten=FORGOTTEN,
            )
        )

    # ------------------------------------------------------------
    # RECOGNISE
    # ------------------------------------------------------------

    def _has_others(self):
        """Whether somebody is recognised by more than one thing."""
        return bool(self.env.execute_query(SQL("%s LIMIT 1", self._others_sql())))

    def _others_sql(self, condition=None):
        """The other identities of participants, as ``SELECT id, identity``.

        :param SQL condition: on the participants, which have the alias ``known``
        """
        return SQL(
            "SELECT id, unnest(string_to_array(other_identities, ' ')) AS identity"
            " FROM marketing_participant known"
            " WHERE campaign_id = %s AND other_identities IS NOT NULL AND %s",
            self.id,
            condition or SQL("TRUE"),
        )

    def _taken_sql(self):
        """All identities of participants that keep others out, as ``SELECT identity``."""
        blocking = self._blocking_sql()
        main = SQL(
            "SELECT identity FROM marketing_participant known"
            " WHERE campaign_id = %s AND NOT is_test AND %s",
            self.id,
            blocking,
        )
        if not self._has_others():
            return main
        return SQL(
            "%s UNION ALL SELECT identity FROM (%s) AS other", main, self._others_sql(blocking)
        )

    def _get_taken_keys(self, keys):
        """Those of these keys by which participants are recognised.

        :rtype: set[str]
        """
        if not keys:
            return set()
        hashes = self._hash_keys(keys)
        rows = self.env.execute_query(
            SQL(
                "SELECT identity FROM (%s) AS taken WHERE identity = ANY(%s)",
                self._taken_sql(),
                list(hashes),
            )
        )
        return {hashes[value] for (value,) in rows}

    # ------------------------------------------------------------
    # HASHES
    # ------------------------------------------------------------

    def _hash_record_sql(self, record_id):
        return self._hash_sql(self.model_name, record_id)

    def _hash_key_sql(self, key):
        """Of a value of the unicity field."""
        return self._hash_sql(self._get_identity_kind(), key)

    def _secret_key_sql(self, entry_key):
        """What is kept of the key of a run that was forgotten; nobody can hand it over."""
        return SQL("' ' || %s", self._hash_sql("entry_key", entry_key))

    def _hash_sql(self, kind, value):
        """NULL where the value is."""
        salt = self._get_salt(kind)
        return SQL("encode(sha256(convert_to(%s || %s::text, 'UTF8')), 'hex')", salt, value)

    def _hash_keys(self, keys):
        """The same of values of the unicity field, in Python.

        :return: the values by their hashes
        :rtype: dict[str, str]
        """
        salt = self._get_salt(self._get_identity_kind())
        return {hashlib.sha256((salt + key).encode()).hexdigest(): key for key in keys}

    def _get_identity_kind(self):
        field = self.unique_field_id.sudo()
        return f"{self.model_name}.{field.name}" if field else self.model_name

    def _get_salt(self, kind):
        return f"{self._get_identity_secret()}/{self.id}/{kind}/"

    @api.model
    def _get_identity_secret(self):
        """A secret of its own: that of Odoo changes in a copy of the database."""
        # Read anew: the cache of parameters may hold one that was undone.
        query = SQL("SELECT value FROM ir_config_parameter WHERE key = %s", SECRET_PARAMETER)
        if not (rows := self.env.execute_query(query)):
            # Of two campaigns that begin at the same moment, one is tried again.
            self.env.execute_query(
                SQL(
                    "INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)"
                    " ON CONFLICT DO NOTHING RETURNING id",
                    SECRET_PARAMETER,
                    secrets.token_hex(32),
                )
            )
            rows = self.env.execute_query(query)
        return rows[0][0]


def _union_sql(before, more, main):
    """Identities as they are kept: those of two arrays, but for the one that is the main one."""
    return SQL(
        """nullif(array_to_string(ARRAY(
            SELECT DISTINCT identity FROM unnest(%s || %s) AS identity
            WHERE identity IS DISTINCT FROM %s ORDER BY identity
        ), ' '), '')""",
        SQL.identifier(before),
        more,
        main,
    )

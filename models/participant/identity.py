"""Who was forgotten is recognised all the same: by a hash that tells nobody who it was."""

import hashlib
import secrets

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.addresses import address_keys
from ...tools.states import FORGOTTEN

SECRET_PARAMETER = "marketing_automation.identity_secret"


class MarketingParticipant(models.Model):
    _inherit = "marketing.participant"

    identity = fields.Char(
        readonly=True,
        groups="base.group_system",
        help="Whom the campaign has had, once that is forgotten: SHA-256, in hexadecimal digits,"
        " of a secret of this database with the value of the unicity field, or with the record"
        " where there is none; one for each of several addresses, with spaces between them."
        " Nobody with the same identity takes part again.",
    )
    record_identity = fields.Char(
        "Identity of the Record",
        readonly=True,
        groups="base.group_system",
        help="The same of the record, whose value may change.",
    )

    _forgotten = models.Index("(campaign_id, record_identity) WHERE record_identity IS NOT NULL")


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    # ------------------------------------------------------------
    # FORGET
    # ------------------------------------------------------------

    def _forget_participants(self, participants):
        """Keep of participants of this campaign only their identities."""
        record_id = SQL.identifier("marketing_participant", "res_id")
        record_identity = self._hash_sql(self.model_name, record_id)
        identity = record_identity
        if self.unique_field_id and self._get_model() is not None:
            keys = self._all_keys_sql()
            self._keep_odd_identities(participants, keys)
            identity = SQL(
                "coalesce(identity, (SELECT %s FROM (%s) AS record WHERE record.id = %s), %s)",
                self._hash_sql(self._get_key_kind(), SQL("record.key")),
                keys,
                record_id,
                record_identity,
            )
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_participant
                SET identity = %s, record_identity = %s, res_id = %s
                WHERE id = ANY(%s) AND res_id != %s
                RETURNING id
                """,
                identity,
                record_identity,
                FORGOTTEN,
                participants.ids,
                FORGOTTEN,
            )
        )

    def _keep_odd_identities(self, participants, keys):
        """Those of values that PostgreSQL cannot make comparable.

        :param SQL keys: see :meth:`_keys_sql`
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT participant.id, record.odd
                FROM marketing_participant participant
                JOIN (%s) AS record ON record.id = participant.res_id
                WHERE participant.id = ANY(%s) AND record.odd IS NOT NULL
                """,
                keys,
                participants.ids,
            )
        )
        for participant_id, text in rows:
            hashes = sorted(self._hash_keys(address_keys(text)))
            self.env.execute_query(
                SQL(
                    "UPDATE marketing_participant SET identity = %s WHERE id = %s RETURNING id",
                    " ".join(hashes) or None,
                    participant_id,
                )
            )

    # ------------------------------------------------------------
    # RECOGNISE
    # ------------------------------------------------------------

    def _has_forgotten(self):
        """Whether the campaign has had people whom it no longer knows by their records."""
        return bool(self.env.execute_query(SQL("%s LIMIT 1", self._forgotten_sql())))

    def _is_new_record_sql(self, record_id):
        """Whether a record is none of those that were forgotten."""
        return SQL(
            "NOT EXISTS (SELECT FROM (%s) AS forgotten WHERE forgotten.record_identity = %s)",
            self._forgotten_sql(),
            self._hash_sql(self.model_name, record_id),
        )

    def _new_keys_sql(self, records):
        """Records with keys of nobody who was forgotten; odd values are passed on.

        :param SQL records: see :meth:`_keys_sql`
        """
        return SQL(
            """
            SELECT id, key, odd FROM (%s) AS candidate
            WHERE odd IS NOT NULL OR NOT EXISTS (
                SELECT FROM (%s) AS forgotten WHERE forgotten.identity = %s
            )
            """,
            records,
            self._forgotten_sql(),
            self._hash_sql(self._get_key_kind(), SQL("candidate.key")),
        )

    def _get_forgotten_keys(self, keys):
        """Those of these keys that people had who were forgotten.

        :rtype: set[str]
        """
        hashes = self._hash_keys(keys)
        rows = self.env.execute_query(
            SQL(
                "SELECT identity FROM (%s) AS forgotten WHERE identity = ANY(%s)",
                self._forgotten_sql(),
                list(hashes),
            )
        )
        return {hashes[value] for (value,) in rows}

    def _forgotten_sql(self):
        """The identities of those who were forgotten, as ``SELECT record_identity, identity``."""
        return SQL(
            "SELECT record_identity, unnest(string_to_array(identity, ' ')) AS identity"
            " FROM marketing_participant"
            " WHERE campaign_id = %s AND record_identity IS NOT NULL",
            self.id,
        )

    # ------------------------------------------------------------
    # HASHES
    # ------------------------------------------------------------

    def _hash_sql(self, kind, value):
        """NULL where the value is."""
        salt = self._get_salt(kind)
        return SQL("encode(sha256(convert_to(%s || %s::text, 'UTF8')), 'hex')", salt, value)

    def _hash_keys(self, keys):
        """The same of values of the unicity field, in Python.

        :return: the values by their hashes
        :rtype: dict[str, str]
        """
        salt = self._get_salt(self._get_key_kind())
        return {hashlib.sha256((salt + key).encode()).hexdigest(): key for key in keys}

    def _get_key_kind(self):
        return f"{self.model_name}.{self.unique_field_id.sudo().name}"

    def _get_salt(self, kind):
        return f"{self._get_identity_secret()}/{self.id}/{kind}/"

    @api.model
    def _get_identity_secret(self):
        """A secret of its own: that of Odoo changes in a copy of the database."""
        # Read anew: the cache of parameters may hold one that was undone.
        rows = self.env.execute_query(
            SQL("SELECT value FROM ir_config_parameter WHERE key = %s", SECRET_PARAMETER)
        )
        if rows:
            return rows[0][0]
        secret = secrets.token_hex(32)
        self.env["ir.config_parameter"].sudo().set_param(SECRET_PARAMETER, secret)
        return secret

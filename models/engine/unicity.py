"""Of several records with the same value, or with an address in common, one takes part."""

from odoo import models
from odoo.tools import SQL

from ...tools.addresses import SIMPLE_ADDRESS, address_keys


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _unique_sql(self, model, query):
        """Those candidates that take part, as ``SELECT id``: the lowest id of each value.

        Values with several addresses, and others that PostgreSQL cannot normalise, are few:
        they are sorted out first, as if all records came one after the other.

        :param query: records of the model that match and do not take part yet
        """
        records, taken = self._keys_sql(model, query), self._taken_keys_sql()
        if self._has_forgotten():
            records = self._new_keys_sql(records)
        odd_ids, odd_keys = self._sort_out_odd_values(records, taken)
        unique = SQL(
            """
            SELECT min(id) AS id
            FROM (%(records)s) AS record
            WHERE odd IS NULL AND (
                key IS NULL
                OR NOT EXISTS (SELECT FROM (%(taken)s) AS taken WHERE taken.key = record.key)
            )
            %(not_odd)s
            GROUP BY key, CASE WHEN key IS NULL THEN id END
            """,
            records=records,
            taken=taken,
            not_odd=SQL("AND (key = ANY(%s)) IS NOT TRUE", odd_keys) if odd_keys else SQL(),
        )
        return SQL("%s UNION ALL SELECT unnest(%s)", unique, odd_ids) if odd_ids else unique

    def _sort_out_odd_values(self, records, taken):
        """Which of the records whose values need Python take part.

        :param SQL records: see :meth:`_keys_sql`
        :param SQL taken: the same for participants
        :return: ids of those records, and all keys of odd values that are taken
        :rtype: tuple[list[int], list[str]]
        """
        if not self._is_unique_by_address():
            return [], []
        odd = "SELECT id, odd FROM (%s) AS record WHERE odd IS NOT NULL ORDER BY id"
        claimed = set()
        for _id, text in self.env.execute_query(SQL(odd, taken)):
            claimed |= address_keys(text)
        candidates = {
            record_id: address_keys(text)
            for record_id, text in self.env.execute_query(SQL(odd, records))
        }
        keys = set().union(*candidates.values())
        claimed |= self._get_forgotten_keys(keys)
        first = self._get_first_ids(records, taken, keys)
        ids = []
        for record_id, keys in candidates.items():
            if keys.isdisjoint(claimed) and all(
                first.get(key, record_id) >= record_id for key in keys
            ):
                ids.append(record_id)
                claimed |= keys
        return ids, list(claimed)

    def _get_first_ids(self, records, taken, keys):
        """The lowest id of the records with each of these keys; 0 where a participant has it."""
        if not keys:
            return {}
        query = SQL(
            """
            SELECT key, min(id) FROM (
                SELECT id, key FROM (%s) AS record WHERE odd IS NULL
                UNION ALL
                SELECT 0, key FROM (%s) AS taken WHERE odd IS NULL
            ) AS known
            WHERE key = ANY(%s) GROUP BY key
            """,
            records,
            taken,
            list(keys),
        )
        return dict(self.env.execute_query(query))

    # ------------------------------------------------------------
    # KEYS
    # ------------------------------------------------------------

    def _taken_keys_sql(self):
        """The keys of records that are participants."""
        model = self.env[self.model_name].sudo()
        query = model._search([], active_test=False)
        known = query.join(query.table, "id", "marketing_participant", "res_id", "known")
        query.add_where(
            SQL(
                "%s = %s AND NOT %s",
                SQL.identifier(known, "campaign_id"),
                self.id,
                SQL.identifier(known, "is_test"),
            )
        )
        return self._keys_sql(model, query)

    def _all_keys_sql(self):
        """The keys of all records of the target."""
        model = self.env[self.model_name].sudo()
        return self._keys_sql(model, model._search([], active_test=False))

    def _keys_sql(self, model, query):
        """The values on which records are unique.

        :return: ``SELECT id, key, odd``: the comparable value, NULL where it is empty; or
            the value itself as ``odd`` where PostgreSQL cannot make it comparable
        """
        field = model._fields[self.unique_field_id.sudo().name]
        value = model.sudo()._field_to_sql(query.table, field.name, query)
        odd = SQL("NULL")
        if self._is_unique_by_address():
            value, odd = self._address_sql(model, query, value)
        if field.type in ("char", "text"):
            value = SQL("nullif(%s, '')", value)
        return query.select(
            SQL("%s AS id", SQL.identifier(query.table, "id")),
            SQL("%s AS key", value),
            SQL("%s AS odd", odd),
        )

    def _address_sql(self, model, query, value):
        """Key and odd value of a field with addresses."""
        if not self._has_normalized_address(model):
            return (
                SQL("lower(btrim(coalesce(substring(%s FROM '<(.*)>'), %s)))", value, value),
                SQL(
                    "CASE WHEN %s !~ %s AND btrim(%s) != '' THEN %s END",
                    value,
                    SIMPLE_ADDRESS,
                    value,
                    value,
                ),
            )
        normalized = model.sudo()._field_to_sql(query.table, "email_normalized", query)
        return (
            SQL("coalesce(%s, lower(btrim(%s)))", normalized, value),
            # The model has normalised the first address, and left the domain as it is.
            SQL(
                "CASE WHEN %s LIKE %s OR octet_length(%s) != length(%s) THEN %s END",
                value,
                "%@%@%",
                normalized,
                normalized,
                value,
            ),
        )

    def _is_unique_by_address(self):
        model, field = self.env[self.model_name], self.unique_field_id.sudo()
        return field.ttype in ("char", "text") and (
            field.name == model._mail_get_primary_email_field() or "email" in field.name
        )

    def _has_normalized_address(self, model):
        """Whether the model itself normalises the field."""
        normalized = model._fields.get("email_normalized")
        return (
            self.unique_field_id.sudo().name == model._mail_get_primary_email_field()
            and normalized is not None
            and normalized.store
        )

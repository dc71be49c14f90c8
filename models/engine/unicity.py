"""Of several records with the same value, or with an address in common, one takes part."""

from odoo import models
from odoo.tools import SQL

from ...tools.addresses import SIMPLE_ADDRESS, address_keys


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _unique_sql(self, records):
        """Those candidates that take part, as ``SELECT id``: the lowest id of each value.

        Values with several addresses, and others that PostgreSQL cannot normalise, are few:
        they are sorted out first, as if all records came one after the other.

        :param SQL records: see :meth:`_keys_sql`; those that match and do not take part yet
        """
        odd_ids, odd_keys = self._sort_out_odd_values(records)
        unique = SQL(
            """
            SELECT min(id) AS id
            FROM (%(records)s) AS record
            WHERE odd IS NULL AND (
                key IS NULL
                OR NOT EXISTS (SELECT FROM (%(taken)s) AS taken WHERE taken.identity = %(identity)s)
            )
            %(not_odd)s
            GROUP BY key, CASE WHEN key IS NULL THEN id END
            """,
            records=records,
            taken=self._taken_sql(),
            identity=self._hash_key_sql(SQL("record.key")),
            not_odd=SQL("AND (key = ANY(%s)) IS NOT TRUE", odd_keys) if odd_keys else SQL(),
        )
        return SQL("%s UNION ALL SELECT unnest(%s)", unique, odd_ids) if odd_ids else unique

    def _sort_out_odd_values(self, records):
        """Which of the records whose values need Python take part.

        :param SQL records: see :meth:`_keys_sql`
        :return: ids of those records, and the keys that they take
        :rtype: tuple[list[int], list[str]]
        """
        if not self._is_unique_by_address():
            return [], []
        odd = "SELECT id, odd FROM (%s) AS record WHERE odd IS NOT NULL ORDER BY id"
        candidates = {
            record_id: address_keys(text)
            for record_id, text in self.env.execute_query(SQL(odd, records))
        }
        keys = set().union(*candidates.values())
        taken = self._get_taken_keys(keys)
        first = self._get_first_ids(records, keys)
        ids, claimed = [], set()
        for record_id, keys in candidates.items():
            if keys.isdisjoint(taken | claimed) and all(
                first.get(key, record_id) >= record_id for key in keys
            ):
                ids.append(record_id)
                claimed |= keys
        return ids, list(claimed)

    def _get_first_ids(self, records, keys):
        """The lowest id of the records that have nothing but one of these keys."""
        if not keys:
            return {}
        query = SQL(
            """
            SELECT key, min(id) FROM (%s) AS record
            WHERE odd IS NULL AND key = ANY(%s) GROUP BY key
            """,
            records,
            list(keys),
        )
        return dict(self.env.execute_query(query))

    # ------------------------------------------------------------
    # KEYS
    # ------------------------------------------------------------

    def _all_keys_sql(self):
        """The keys of all records of the target."""
        model = self._get_model()
        if model is None:
            return SQL("SELECT NULL::integer AS id, NULL::text AS key, NULL::text AS odd LIMIT 0")
        model = model.sudo().with_context(lang=self.user_id.lang)
        return self._keys_sql(model, model._search([], active_test=False))

    def _keys_sql(self, model, query):
        """The values on which records are unique.

        :return: ``SELECT id, key, odd``: the comparable value, NULL where it is empty, or where
            all records take part; or the value itself as ``odd`` where PostgreSQL cannot make it
            comparable
        """
        field = model._fields.get(self.unique_field_id.sudo().name)
        value = odd = SQL("NULL::text")
        if field:
            value = model.sudo()._field_to_sql(query.table, field.name, query)
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
        model, field = self._get_model(), self.unique_field_id.sudo()
        return (
            model is not None
            and field.ttype in ("char", "text")
            and (field.name == model._mail_get_primary_email_field() or "email" in field.name)
        )

    def _has_normalized_address(self, model):
        """Whether the model itself normalises the field."""
        normalized = model._fields.get("email_normalized")
        return (
            self.unique_field_id.sudo().name == model._mail_get_primary_email_field()
            and normalized is not None
            and normalized.store
        )

"""What people and programs call to let records into campaigns, or end their runs."""

from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.admission import MAX_KEY_LENGTH, Wanted, answer
from ...tools.rpc import on_one_record
from ...tools.sets import to_array
from ...tools.states import NOT_FOUND
from ...tools.values import is_id


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @on_one_record
    def enrol(self, res_ids, entry_key=False):
        """Let records take part, in one go, whatever their number.

        Only those come in that match the campaign's filter, and that the caller may read.

        :param list res_ids: ids of records of the target
        :param str entry_key: makes a run of its own for each of them, such as the number of an
            order; the same key again is the same run. Spaces around it do not count; at most 200
            characters
        :return: for each id, in this order, ``res_id``, ``participant_id`` (the new run, or the
            one that keeps it out, else False), ``created`` and the ``reason`` why it was not, else
            an empty text: not_found, unmatched, known, under_way, too_soon, too_many, duplicate
        :rtype: list[dict]
        :raise UserError: if the campaign does not run, or cannot enrol anybody
        :raise ValidationError: if the ids or the key are none
        """
        return self._enrol_records(res_ids, entry_key)

    def _enrol_records(self, res_ids, entry_key=False, dry_run=False):
        """As :meth:`enrol`; or only ask what would become of these records."""
        self._check_may_operate()
        self._check_res_ids(res_ids)
        entry_key = self._clean_entry_key(entry_key)
        readable = self._filter_readable_ids(res_ids)
        campaign = self.sudo()
        answers = iter(
            campaign._admit(
                [Wanted(res_id, entry_key) for res_id in res_ids if res_id in readable],
                campaign._get_open_entry("manual"),
                dry_run=dry_run,
            )
        )
        return [
            next(answers) if res_id in readable else answer(res_id, NOT_FOUND) for res_id in res_ids
        ]

    @on_one_record
    def exit_records(self, res_ids):
        """End the runs of these records that are under way.

        :param list res_ids: ids of records of the target; those that the caller may not read are
            left alone
        :return: the number of runs that were ended
        :rtype: int
        :raise ValidationError: if the ids are none
        """
        self._check_may_operate()
        self._check_res_ids(res_ids)
        return self.sudo()._exit_records(self._filter_readable_ids(res_ids), "user")

    def _check_res_ids(self, res_ids):
        """
        :raise ValidationError: if these are no ids of records
        """
        if not isinstance(res_ids, list | tuple) or not all(map(is_id, res_ids)):
            raise ValidationError(
                self.env._(
                    "Give the ids of records, as a list of numbers, to campaign “%(campaign)s”.",
                    campaign=self.name,
                )
            )

    def _clean_entry_key(self, entry_key):
        """The key of a caller as it is kept; empty for none.

        :raise ValidationError: if it is no text, or too long
        """
        key = entry_key or ""
        if not isinstance(key, str) or len(key.strip()) > MAX_KEY_LENGTH or "\0" in key:
            raise ValidationError(
                self.env._(
                    "The key of a run in campaign “%(campaign)s” is a text of at most %(number)s"
                    " characters.",
                    campaign=self.name,
                    number=MAX_KEY_LENGTH,
                )
            )
        return key.strip()

    def _filter_readable_ids(self, res_ids):
        """Those of these ids of the target that the user may read; all for the system."""
        model = self._get_model()
        if self.env.su or model is None:
            return set(res_ids)
        query = model._search(Domain.TRUE, active_test=False)
        query.add_where(SQL("%s = ANY(%s)", SQL.identifier(query.table, "id"), to_array(res_ids)))
        self.env.flush_all()
        return {res_id for (res_id,) in self.env.execute_query(query.select())}

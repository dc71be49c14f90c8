"""Records come in by a date of theirs."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...tools.admission import Wanted
from ...tools.occurrences import Occurrences
from ...tools.states import DUPLICATE
from .entry_type import EntryType

_lt = LazyTranslate("marketing_automation")

POLL_JOB = "marketing_automation.ir_cron_poll"
# How many come in with one look; the job goes on with the next ones at once.
LOOK_BATCH_SIZE = 50_000
DATE_TYPES = ("date", "datetime")
# Others, such as backups, do not hold up a look.
LONGEST_TRANSACTION = timedelta(minutes=15)
# Behind all records.
LAST_ID = 2**31 - 1
# When people read their mail.
PROPOSED_HOURS = 9.0


class DateEntry(EntryType):
    key = "date"
    label = _lt("Date")
    icon = "fa-calendar"
    description = _lt("Records come in some time before or after a date of theirs.")
    form_fields = (
        "date_field_id",
        "date_number",
        "date_type",
        "is_yearly",
        "time_of_day",
    )
    filter_fields = ("date_field_id",)
    has_moments = True

    def start(self, entry):
        """What has come before is not made up for."""
        entry.sudo().write({"checked_until": fields.Datetime.now(), "checked_id": 0})

    def get_problems(self, entry):
        return entry._get_date_problems()

    def describe(self, entry):
        return entry._describe_date()

    def foresee(self, entry, moment):
        return entry._foresee_dates(moment)

    def is_polled(self, entry):
        return bool(entry.checked_until)

    def look(self, entry):
        return entry._look_at_dates()


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    campaign_reentry = fields.Selection(related="campaign_id.reentry")
    checked_until = fields.Datetime(
        copy=False,
        readonly=True,
        help="Whose moment is up to this one has come in, or was not let in.",
    )
    checked_id = fields.Integer(
        copy=False,
        readonly=True,
        help="Where a look was cut off: of those whose moment is just then, up to which record."
        " 0: all.",
    )

    _check_date_number = models.Constraint(
        "CHECK(date_number BETWEEN -10000 AND 10000)",
        "Records come in at most 10,000 before or after a date.",
    )
    _check_time_of_day = models.Constraint(
        "CHECK(time_of_day >= 0 AND time_of_day < 24)", "A time of day is from 0:00 to 23:59."
    )

    @api.model
    def _get_entry_types(self):
        return {**super()._get_entry_types(), DateEntry.key: DateEntry()}

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("date_field_id", "campaign_id")
    def _check_date_field_id(self):
        """When somebody comes in tells the date."""
        for entry in self.filtered("date_field_id"):
            field = entry.date_field_id.sudo()
            values = {"field": field.field_description, "campaign": entry.campaign_id.name}
            if not entry._is_date_of_target():
                raise ValidationError(
                    self.env._(
                        "Nobody can enter campaign “%(campaign)s” by “%(field)s”: choose a stored"
                        " date of the target.",
                        **values,
                    )
                )
            try:
                entry.campaign_id._check_filter(repr([(field.name, "!=", False)]))
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Nobody can enter campaign “%(campaign)s” by “%(field)s”: %(error)s",
                        error=error,
                        **values,
                    )
                ) from error

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.onchange("entry_type")
    def _onchange_date_entry(self):
        """Nobody wants a message at midnight."""
        if self.entry_type == DateEntry.key and not self.date_field_id:
            self.time_of_day = PROPOSED_HOURS

    # ------------------------------------------------------------
    # ENGINE
    # ------------------------------------------------------------

    def _look_at_dates(self):
        """Let in whose moment has come since the last look, in the order of the moments; later,
        while the campaign can enrol nobody.

        The look is noted in the same transaction: who was let in, or not, is not looked at again.

        :return: the number of new participants
        """
        self.ensure_one()
        until = self._get_look_end()
        if until <= self.checked_until or self.campaign_id._get_own_problems():
            return 0
        found = self._find_dates(until)
        is_cut_off = len(found) == LOOK_BATCH_SIZE
        last_id, last_moment = found[-1] if is_cut_off else (0, until)
        self.write({"checked_until": last_moment, "checked_id": last_id})
        if is_cut_off:
            self.env.ref(POLL_JOB).sudo()._trigger()
        return self._admit_found(found)

    def _get_look_end(self):
        """Until when dates are looked at: up to the moment as of which this transaction sees them.

        What is “now” to transactions that are still open, such as the date on which a record is
        created by a long import, is not passed over: it is looked at when they have ended.
        PostgreSQL's own, such as those of its autovacuum, create nothing.
        """
        now = self.env.cr.now()
        if self.date_number or not self._get_occurrences().has_time:
            return now.replace(microsecond=0)
        [(age,)] = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(max(clock_timestamp() - xact_start), '0')
                FROM pg_stat_activity
                WHERE datname = current_database() AND pid != pg_backend_pid()
                    AND backend_type = 'client backend'
                    AND clock_timestamp() - xact_start < %s
                """,
                LONGEST_TRANSACTION,
            )
        )
        return (now - age).replace(microsecond=0)

    def _find_dates(self, until):
        """The first records whose moment has come since the last look.

        :param datetime until: the end of the look
        :return: tuples of the id and the moment, in the order of the moments
        :rtype: list[tuple]
        """
        occurrences = self._get_occurrences()
        begin = self.checked_until
        if self.checked_id:
            # Others have come up at the same moment.
            begin = fields.Datetime.subtract(begin, seconds=1)
        self.env.flush_all()
        # To compile the query takes PostgreSQL longer than to execute it; and so does sorting what
        # it can hash: it expects hardly two records with the same date.
        with self.campaign_id._limited_search(jit="off", enable_sort="off"):
            return self.env.execute_query(
                SQL(
                    """
                    SELECT id, moment FROM (%s) AS found
                    WHERE (moment, id) > (%s, %s)
                    ORDER BY moment, id
                    LIMIT %s
                    """,
                    occurrences.moments_sql(
                        self._dates_sql(occurrences, begin, until), begin, until
                    ),
                    self.checked_until,
                    self.checked_id or LAST_ID,
                    LOOK_BATCH_SIZE,
                )
            )

    def _dates_sql(self, occurrences, begin, until):
        """Dates that may have come, as far as the responsible and who chose the date may see them:
        ``SELECT ids, date, timezone``."""
        campaign, name = self.campaign_id, self.date_field_id.sudo().name
        model = campaign._get_audience_model()
        query = model._search(campaign._as_seen_by(self.filter_user_id, Domain(name, "!=", False)))
        date = model._field_to_sql(query.table, name, query)
        query.add_where(occurrences.may_be_sql(date, begin, until))
        return campaign._by_timezone_sql(query, date)

    def _admit_found(self, found):
        """Let in those whose moment has come. A person, be it with two records or in two years, has
        one run of each moment, as if it was looked at once for each.

        :param list found: tuples of the id of a record and the moment, in the order of the moments
        :return: the number of new participants
        """
        number = 0
        while found:
            answers = self.campaign_id._admit(
                [Wanted(res_id, moment=moment) for res_id, moment in found], self
            )
            number += sum(answer["created"] for answer in answers)
            found = [
                one
                for one, answer in zip(found, answers, strict=True)
                if answer["reason"] == DUPLICATE
            ]
        return number

    def _get_occurrences(self):
        """
        :rtype: Occurrences
        """
        return Occurrences(
            has_time=self.date_field_id.sudo().ttype == "datetime",
            number=self.date_number,
            unit=self.date_type,
            is_yearly=self.is_yearly,
            hours=self.time_of_day,
        )

    def _is_date_of_target(self):
        """Whether the date is a column of the target."""
        field = self.date_field_id.sudo()
        if field.model != self.model_name or field.ttype not in DATE_TYPES:
            return False
        known = self.env[self.model_name]._fields.get(field.name)
        return bool(known and known.store and known.column_type and not known.company_dependent)

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _get_date_problems(self):
        """Why nobody would come in."""
        _, values = self.env._, {"entry": self.display_name}
        if not self.date_field_id or self.model_name not in self.env:
            return [_("“%(entry)s”: choose the date of the record that it goes by.", **values)]
        field = self.date_field_id.sudo()
        values["date"] = field.field_description
        if not self._is_date_of_target():
            return [
                _("“%(entry)s”: “%(date)s” is no date of the target, choose another.", **values)
            ]
        for user in (self.campaign_id.user_id, self.filter_user_id):
            model = self.env[self.model_name].with_user(user)
            if user and not model._has_field_access(model._fields[field.name], "read"):
                return [
                    _(
                        "“%(entry)s”: %(user)s may not read the date “%(date)s”: choose another"
                        " date.",
                        user=user.sudo().name,
                        **values,
                    )
                ]
        return []

    def _describe_date(self):
        """When somebody comes in, in a few words."""
        _ = self.env._
        date = self.date_field_id.sudo().field_description
        if not date:
            return _("By a date")
        words = [self._describe_distance(date)]
        if self.is_yearly:
            words.append(_("every year"))
        if self._get_occurrences().time_of_day is not None:
            time = self.env["marketing.activity"]._describe_time_of_day(self.time_of_day)
            words.append(_("at %(time)s", time=time))
        return ", ".join(words)

    def _describe_distance(self, date):
        """How long before or after a date.

        :param str date: its name
        """
        _, number = self.env._, self.date_number
        delay = self.env["marketing.activity"]._describe_duration(abs(number), self.date_type)
        if not number:
            return _("On “%(date)s”", date=date)
        if self.date_type == "hours" and self.date_field_id.sudo().ttype == "date":
            date = _("%(date)s, 0:00", date=date)
        if number > 0:
            return _("%(delay)s after “%(date)s”", delay=delay, date=date)
        return _("%(delay)s before “%(date)s”", delay=delay, date=date)

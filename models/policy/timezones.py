"""In which time zone somebody lives: what is said about the record, else the only one of its
country, else that of its company, or of the responsible."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from pytz import country_timezones

from odoo import models, tools
from odoo.tools import SQL, Query

# What says it, the first that does; from the target on.
TIMEZONE_PATHS = (
    "tz",
    "partner_id.tz",
    "country_id.code",
    "partner_id.country_id.code",
    "company_id.partner_id.tz",
    "company_id.partner_id.country_id.code",
)
COMODELS = {"partner_id": "res.partner", "country_id": "res.country", "company_id": "res.company"}


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _get_record_timezone(self, record):
        """The time zone of one record of the target."""
        for path in self._get_timezone_paths():
            [value] = record.sudo().mapped(path) or [False]
            if timezone := get_only_timezones().get(value) if path.endswith("code") else value:
                return timezone
        return self._get_timezone()

    def _timezone_sql(self, query):
        """The time zone of each record of a query on the target, to which what says it is joined:
        :meth:`_get_record_timezone` as SQL."""
        only = SQL("%s::jsonb", _get_only_timezones_json())
        zones = []
        for path in self._get_timezone_paths():
            *links, name = path.split(".")
            alias = query.table
            for link in links:
                table = self.env[COMODELS[link]]._table
                alias = query.left_join(alias, link, table, "id", link)
            column = SQL.identifier(alias, name)
            zones.append(SQL("%s ->> %s", only, column) if name == "code" else column)
        return SQL("coalesce(%s)", SQL(", ").join([*zones, SQL("%s", self._get_timezone())]))

    def _by_timezone_sql(self, query, date):
        """Records of a query on the target with the same date in the same time zone:
        ``SELECT ids, date, timezone``, perhaps in several rows.

        What says the time zone is looked up once for all records with the same values.

        :param SQL date: of the query
        """
        names = dict.fromkeys(path.partition(".")[0] for path in self._get_timezone_paths())
        columns = [SQL.identifier(query.table, name) for name in names]
        query.groupby = SQL(", ").join([date, *columns])
        groups = query.select(
            SQL("array_agg(%s) AS ids", SQL.identifier(query.table, "id")),
            SQL("%s AS date", date),
            *columns,
        )
        query = Query(self.env, "record", SQL("(%s)", groups))
        timezone = self._timezone_sql(query)
        return query.select(SQL("ids"), SQL("date"), SQL("%s AS timezone", timezone))

    @tools.ormcache("self.model_name")
    def _get_timezone_paths(self):
        """Those that the target has.

        :rtype: tuple[str]
        """
        model = self.env[self.model_name]
        return tuple(path for path in TIMEZONE_PATHS if _leads_by_columns(model, path))


def _leads_by_columns(model, path):
    """Whether a path of a model leads from column to column."""
    name, _dot, rest = path.partition(".")
    field = model._fields.get(name)
    if not (field and field.store and field.column_type) or field.company_dependent:
        return False
    if not rest:
        return field.type in ("char", "selection")
    return field.comodel_name == COMODELS[name] and _leads_by_columns(
        model.env[field.comodel_name], rest
    )


@cache
def get_only_timezones():
    """The time zone of each country that has only one, by code of the country (ISO 3166).

    Where the clocks of several agree, as in Germany, they count as one.

    :rtype: dict[str, str]
    """
    return {code: names[0] for code, names in country_timezones.items() if _agree(names)}


@cache
def _get_only_timezones_json():
    return json.dumps(get_only_timezones())


def _agree(names):
    """Whether these time zones show the same time in each week of this year."""
    first, *others = (ZoneInfo(name) for name in names)
    noon = datetime(datetime.now(UTC).year, 1, 1, 12, tzinfo=UTC)
    days = [noon + timedelta(days=day) for day in range(0, 365, 7)]
    return all(
        day.astimezone(first).utcoffset() == day.astimezone(other).utcoffset()
        for other in others
        for day in days
    )

"""Dates that count from the day on which somebody looks ("today -7d"), in words."""

import re

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate("marketing_automation")

DISTANCE = re.compile(r"(?:today|now) ([-+])(\d+)([mwdHM])")
SINCE = re.compile(r"today -(\d+)([mwd])")
TOMORROW = "today +1d"
MOMENTS = {"today": _lt("today"), "now": _lt("now")}
UNITS = {"M": "minutes", "H": "hours", "d": "days", "w": "weeks", "m": "months"}


def describe_relative(env, value):
    """For instance "7 days ago"; None for what has no plain words."""
    if value in MOMENTS:
        return env._(MOMENTS[value])
    if not (parts := DISTANCE.fullmatch(value)):
        return None
    sign, number, unit = parts.groups()
    period = _describe_period(env, number, unit)
    return env._("%s ago", period) if sign == "-" else env._("in %s", period)


def describe_last(env, since, before):
    """The period between two such dates if it ends today, for instance "7 days"; else None."""
    parts = SINCE.fullmatch(since) if before == TOMORROW else None
    return parts and _describe_period(env, *parts.groups())


def _describe_period(env, number, unit):
    return env["marketing.activity"]._describe_duration(int(number), UNITS[unit])

"""What people call several records of a target."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate("marketing_automation")

PLURALS = {
    "crm.lead": _lt("%s leads"),
    "mailing.contact": _lt("%s contacts"),
    "res.partner": _lt("%s contacts"),
}
PLURAL = _lt("%s records")


def count_records(env, model_name, count):
    """So many records, as people call them.

    :rtype: str
    """
    if count == 1:
        return env._("1 record")
    text = env._(PLURALS.get(model_name, PLURAL))
    return text % f"{count:,}"

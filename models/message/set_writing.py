"""What became of a batch of text messages is written in one statement for all."""

from odoo import models
from odoo.tools import SQL

# Put into the context by the senders and by reports of the provider; clients cannot.
AT_ONCE = object()
# What is written of a text message, and of its mailing trace.
FATE = frozenset(
    ("failure_reason", "failure_type", "sent_datetime", "state", "to_delete", "trace_status")
)
# Status of a text message that Odoo dates.
LEFT = ("pending", "sent", "bounce")


def is_at_once(env):
    return env.su and env.context.get("marketing_set") is AT_ONCE


class MarketingSetWriting(models.AbstractModel):
    """Below all overrides of ``write``: each sees the set, and the ORM's statement for every
    hundred records, with the values of each, is not needed."""

    _name = "marketing.set.writing"
    _description = "Marketing Automation: Written in One Statement"

    def write(self, vals):
        if not (is_at_once(self.env) and FATE.issuperset(vals)):
            return super().write(vals)
        self.flush_recordset(vals)
        values = {**vals, "write_date": self.env.cr.now(), "write_uid": self.env.uid}
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE id = ANY(%s)",
                SQL.identifier(self._table),
                SQL(", ").join(
                    SQL(
                        "%s = %s",
                        SQL.identifier(name),
                        self._fields[name].convert_to_column(value, self),
                    )
                    for name, value in values.items()
                ),
                self.ids,
            )
        )
        for name, value in values.items():
            field = self._fields[name]
            field._update_cache(self, field.convert_to_cache(value, self))
        self.modified(vals)
        return True


class MailingTrace(models.Model):
    _name = "mailing.trace"
    _inherit = ["mailing.trace", "marketing.set.writing"]

    def _with_departure(self, vals):
        """With the status of a batch goes when it has left: Odoo writes that afterwards."""
        if (
            is_at_once(self.env)
            and vals.get("trace_status") in LEFT
            and not any(trace.sent_datetime for trace in self)
        ):
            return {**vals, "sent_datetime": self.env.cr.now()}
        return vals


class SmsSms(models.Model):
    _name = "sms.sms"
    _inherit = ["sms.sms", "marketing.set.writing"]

"""What steps that steer do, in the words that people read on cards and journeys."""

from odoo import api, models

from ...tools.domain_words import describe_domain
from ...tools.domains import parse_domain


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _describe_event(self, key, is_negative=False, link=None):
        """That something has happened, or not, to what this step has sent.

        :param str key: of the event
        :param link: for clicks, on which link; on any, if it is empty
        """
        _ = self.env._
        event = self._get_events().get(key)
        if not event:
            return ""
        label = _(event.long_label or event.label)
        sentence = _(event.not_happened if is_negative else event.happened)
        what = sentence % {
            "activity": self.name or "",
            "event": label[:1].lower() + label[1:],
        }
        return _("%(what)s (%(link)s)", what=what, link=link.display_name) if link else what

    def _describe_filter(self, text):
        """A filter of the target in words; False for one that would take many, or cannot be
        used."""
        if self.model_name not in self.env:
            return False
        model = self.env[self.model_name]
        try:
            return describe_domain(model, parse_domain(model, text)) or False
        except ValueError:
            return False

    @api.model
    def _describe_duration(self, number, unit):
        """A number of minutes, hours, days, weeks or months."""
        _ = self.env._
        if number == 1:
            return {
                "minutes": _("1 minute"),
                "hours": _("1 hour"),
                "days": _("1 day"),
                "weeks": _("1 week"),
                "months": _("1 month"),
            }[unit]
        return {
            "minutes": _("%s minutes", number),
            "hours": _("%s hours", number),
            "days": _("%s days", number),
            "weeks": _("%s weeks", number),
            "months": _("%s months", number),
        }[unit]

    @api.model
    def _describe_time_of_day(self, hours):
        """A time of day such as 9:30."""
        full, minutes = divmod(round(hours * 60), 60)
        return f"{full}:{minutes:02}"

"""The statistics of a campaign's message: the figures of the steps that send it."""

from odoo import fields, models
from odoo.tools import float_round

# Statistics of mass mailing, with the figure that they are.
STATISTICS = {
    "scheduled": "queued",
    "sent": "sent",
    "delivered": "delivered",
    "opened": "open",
    "clicked": "click",
    "replied": "reply",
    "bounced": "bounce",
    "canceled": "excluded",
    "failed": "error",
}
RATIOS = {"opened_ratio": "open", "replied_ratio": "reply", "bounced_ratio": "bounce"}
# Figures that mass mailing does not know.
OWN_STATISTICS = {
    "marketing_reached": "reached",
    "marketing_waiting": "scheduled",
    "marketing_elsewhere": "elsewhere",
    "marketing_rejected": "rejected",
}
# What mass mailing calls those behind its buttons.
VIEW_FILTERS = {
    "scheduled": "queued",
    "canceled": "excluded",
    "failed": "error",
    "sent": "sent",
    "delivered": "delivered",
    "open": "open",
    "clicked": "click",
    "reply": "reply",
    "bounce": "bounce",
}


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    marketing_reached = fields.Integer(
        "Reached",
        compute="_compute_statistics",
        help="All who have come to the steps that send it: sent, queued, waiting, other branch,"
        " excluded, filtered out and failed add up to it.",
    )
    marketing_waiting = fields.Integer(
        "Waiting", compute="_compute_statistics", help="It has a date, or waits for an event."
    )
    marketing_elsewhere = fields.Integer(
        "Other Branch",
        compute="_compute_statistics",
        help="It went otherwise after the previous step, or its message did not arrive.",
    )
    marketing_rejected = fields.Integer(
        "Filtered Out",
        compute="_compute_statistics",
        help="They did not match the filter any more.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _compute_statistics(self):
        """Mass mailing counts the messages; a campaign its participants, also those whose
        messages were deleted."""
        res = super()._compute_statistics()
        self.update(dict.fromkeys(OWN_STATISTICS, 0))
        for mailing, figures in self._get_marketing_figures().items():
            for name, key in (STATISTICS | OWN_STATISTICS).items():
                mailing[name] = figures[key]
            mailing.expected = sum(figures[key] for key in ("queued", "sent", "excluded", "error"))
            mailing.received_ratio = percentage(figures["delivered"], figures["sent"])
            for name, key in RATIOS.items():
                mailing[name] = percentage(**figures["rates"][key])
        return res

    def _compute_clicks_ratio(self):
        res = super()._compute_clicks_ratio()
        for mailing, figures in self._get_marketing_figures().items():
            mailing.clicks_ratio = percentage(**figures["rates"]["click"])
        return res

    def _get_marketing_figures(self):
        """Figures of those of these mailings that campaigns send, by mailing; for those who
        may see campaigns."""
        if not self.env["marketing.activity"].has_access("read"):
            return {}
        figures = self.marketing_activity_ids._get_figures()
        return {
            mailing: mailing.marketing_activity_ids._sum_figures(figures)
            for mailing in self
            if mailing.marketing_activity_ids
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def _action_view_traces_filtered(self, view_filter):
        return self._action_view_participants(view_filter) or super()._action_view_traces_filtered(
            view_filter
        )

    def _action_view_documents_filtered(self, view_filter):
        return self._action_view_participants(
            view_filter
        ) or super()._action_view_documents_filtered(view_filter)

    def _action_view_participants(self, view_filter):
        """The participants behind a figure of a campaign's mailing, None for other mailings."""
        key = VIEW_FILTERS.get(view_filter)
        if not (key and self.env["marketing.activity"].has_access("read")):
            return None
        activities = self.marketing_activity_ids
        return activities.action_view_figure(key) if activities else None


def percentage(count, base):
    """A share, as mass mailing has its own: 12.34 for 12.34 %."""
    return float_round(100 * count / base, precision_digits=2) if base else 0

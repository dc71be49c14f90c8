"""What became of each trace, in the words and numbers of the cards: reports add up to them."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.figures import ELSEWHERE, OUTCOMES
from ...tools.states import CANCELED
from ...tools.tones import OTHER, STATE_TONES


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    @api.model
    def _get_tones(self):
        """What the colours of states and outcomes say, by model and key.

        :rtype: dict[str, dict]
        """
        outcomes = {key: figure.tone for key, figure in OUTCOMES.items()}
        # Of those who are cancelled, most took another branch.
        return {**STATE_TONES, "marketing.trace": {**outcomes, CANCELED: OTHER}}


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    outcome = fields.Selection(
        selection="_selection_outcome",
        compute="_compute_outcome",
        search="_search_outcome",
        help="Its state, where those who are cancelled either took another branch or were"
        " excluded. Cards and the overview count it, too.",
    )

    @api.model
    def _selection_outcome(self):
        return [(key, self.env._(figure.label)) for key, figure in OUTCOMES.items()]

    @api.depends("state", "state_reason")
    def _compute_outcome(self):
        for trace in self:
            trace.outcome = trace.state
            if trace.state == CANCELED:
                trace.outcome = "elsewhere" if trace.state_reason in ELSEWHERE else "excluded"

    @api.model
    def _search_outcome(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(OUTCOMES[key].domain for key in value if key in OUTCOMES)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Reports group by it in the database."""
        if field_expr != "outcome":
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            "CASE WHEN %(state)s != %(canceled)s THEN %(state)s"
            " WHEN %(reason)s IN %(elsewhere)s THEN 'elsewhere' ELSE 'excluded' END",
            state=self._field_to_sql(alias, "state", query),
            reason=self._field_to_sql(alias, "state_reason", query),
            canceled=CANCELED,
            elsewhere=ELSEWHERE,
        )

from psycopg2 import DataError

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.domains import parse_domain
from ..tools.plurals import count_records


class MarketingRecordsMixin(models.AbstractModel):
    """For dialogs of the action menu: something is done to the records that were selected."""

    _name = "marketing.records.mixin"
    _inherit = ["marketing.input.mixin"]
    _description = "Selected Records and a Campaign"

    model_name = fields.Char(readonly=True)
    record_domain = fields.Char(
        readonly=True, help="Which records were selected: all of a list are no list of ids."
    )
    record_count = fields.Integer("Selected", compute="_compute_record_count")
    campaign_ids = fields.Many2many(
        "marketing.campaign",
        string="Campaigns",
        compute="_compute_campaign_ids",
        help="The campaigns that can be chosen.",
    )
    campaign_id = fields.Many2one(
        "marketing.campaign",
        compute="_compute_campaign_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        ondelete="cascade",
    )

    @api.model
    def default_get(self, fields):
        """The selection of the list or form from which the dialog was opened."""
        values = super().default_get(fields)
        context = self.env.context
        res_ids = context.get("active_ids") or []
        domain = [("id", "in", res_ids)]
        limit = self.env["ir.config_parameter"].sudo().get_param("web.active_ids_limit", 20000)
        if context.get("active_domain") and len(res_ids) >= int(limit):
            # The web client sends no more ids; so everything is selected.
            domain = context["active_domain"]
        values["model_name"] = context.get("active_model")
        values["record_domain"] = str(domain)
        return values

    @api.depends("model_name", "record_domain")
    def _compute_record_count(self):
        for wizard in self:
            wizard.record_count = len(wizard._get_res_ids())

    @api.depends("model_name")
    def _compute_campaign_ids(self):
        for wizard in self:
            wizard.campaign_ids = wizard._get_target() and wizard._search_campaigns()

    @api.depends("campaign_ids")
    def _compute_campaign_id(self):
        """Where there is one only, it need not be chosen."""
        for wizard in self:
            campaigns = wizard.campaign_ids._origin
            wizard.campaign_id = campaigns if len(campaigns) == 1 else False

    def _search_campaigns(self):
        """The campaigns that can be chosen for these records."""
        raise NotImplementedError

    def _get_target(self):
        """Name of the model of the selection; False if no campaign works on it."""
        name = self.model_name
        if name in self.env and self.env["marketing.campaign"]._is_target(name):
            return name
        return False

    def _get_res_ids(self):
        """Ids of the selected records, as far as the user may read them.

        :raise UserError: if they cannot be searched for
        """
        self.ensure_one()
        name = self._get_target()
        if not name or not self.record_domain:
            return []
        # Odoo computes what is stored as superuser.
        model = self.env[name].sudo(False)
        try:
            domain = parse_domain(model, self.record_domain)
            by_id = [condition.field_expr for condition in domain.iter_conditions()] == ["id"]
            with self.env.cr.savepoint():
                return model.with_context(active_test=not by_id).search(domain, order="id").ids
        except (DataError, TypeError, ValueError) as error:
            raise UserError(
                self.env._("The selected records cannot be searched for: select others.")
            ) from error

    def _count_text(self, count):
        """So many of the records, as people call them."""
        return count_records(self.env, self._get_target(), count)

    def _close(self, message):
        """Say what was done, and close the dialog."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

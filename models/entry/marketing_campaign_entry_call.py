import json

from odoo import api, fields, models
from odoo.fields import NO_ACCESS

MAX_CALLS = 50
MAX_DAYS = 30


class MarketingCampaignEntryCall(models.Model):
    """One of the last calls of a webhook, for those who set it up."""

    _name = "marketing.campaign.entry.call"
    _description = "Call of a Webhook"
    _order = "id DESC"
    _rec_name = "create_date"
    _log_access = False

    create_date = fields.Datetime("Date", readonly=True, default=fields.Datetime.now)
    entry_id = fields.Many2one(
        "marketing.campaign.entry", required=True, ondelete="cascade", readonly=True
    )
    status = fields.Integer(readonly=True, aggregator=None, help="Of HTTP: 200, 201, 400...")
    is_success = fields.Boolean(compute="_compute_is_success")
    reason = fields.Char(readonly=True, help="Why nobody came in, as the caller was told.")
    message = fields.Char(
        readonly=True, groups=NO_ACCESS, help="The same in words; it may quote the call."
    )
    detail = fields.Char(readonly=True, groups=NO_ACCESS, help="What the caller was not told.")
    payload = fields.Json(
        readonly=True, groups=NO_ACCESS, help="The body, without secrets; long texts are cut."
    )
    answer = fields.Char(
        compute="_compute_content", help="Why nobody came in; in words for those who may change it."
    )
    content = fields.Text(
        "Body",
        compute="_compute_content",
        help="What was sent, without secrets, for those who may change the campaign. It is"
        " forgotten with the person whom it let in.",
    )
    res_id = fields.Many2oneReference(
        "Record", model_field="model_name", readonly=True, help="The record that was found."
    )
    model_name = fields.Char(related="entry_id.model_name")
    participant_id = fields.Many2one(
        "marketing.participant", readonly=True, ondelete="set null", index="btree_not_null"
    )

    _entry_idx = models.Index("(entry_id, id DESC)")

    @api.depends("status")
    def _compute_is_success(self):
        for call in self:
            call.is_success = 200 <= call.status < 300

    @api.depends("payload", "detail", "message", "reason")
    @api.depends_context("uid")
    def _compute_content(self):
        for call in self:
            call.answer, call.content = call.reason, False
            if not call.entry_id._may_see_secrets():
                continue
            known = call.sudo()
            call.answer = known.message or call.reason
            body = json.dumps(known.payload, indent=2, ensure_ascii=False) if known.payload else ""
            call.content = "\n\n".join(filter(None, (known.detail, body)))

    # ------------------------------------------------------------
    # FORGETTING
    # ------------------------------------------------------------

    @api.model
    def _forget(self, domain):
        """What these calls said of people is deleted."""
        said = ("payload", "detail", "message", "res_id")
        self.sudo().search(domain).write(dict.fromkeys(said, False))

    @api.autovacuum
    def _gc_old(self):
        """Calls are kept for some days."""
        before = fields.Datetime.subtract(fields.Datetime.now(), days=MAX_DAYS)
        self.search([("create_date", "<", before)]).unlink()

from odoo import models, tools
from odoo.tools import SQL


class PrivacyLookupWizard(models.TransientModel):
    _inherit = "privacy.lookup.wizard"

    def _get_query(self):
        """The journeys of the person are found too, by the records that they are about; and calls
        of webhooks with the address."""
        query = SQL("%s UNION ALL %s", super()._get_query(), self._get_calls_sql())
        model_id = self.env["ir.model"]._get_id("marketing.participant")
        for model_name, condition in self._get_person_sql().items():
            query = SQL(
                """
                %s
                UNION ALL
                SELECT %s AS res_model_id, participant.id AS res_id, TRUE AS is_active
                FROM marketing_participant participant
                JOIN marketing_campaign campaign ON campaign.id = participant.campaign_id
                WHERE campaign.model_name = %s
                    AND participant.res_id IN (SELECT id FROM %s WHERE %s)
                """,
                query,
                model_id,
                model_name,
                SQL.identifier(self.env[model_name]._table),
                condition,
            )
        return query

    def _get_calls_sql(self):
        return SQL(
            """
            SELECT %s AS res_model_id, call.id AS res_id, TRUE AS is_active
            FROM marketing_campaign_entry_call call
            WHERE concat(call.payload::text, ' ', call.message, ' ', call.detail) ILIKE %s
            """,
            self.env["ir.model"]._get_id("marketing.campaign.entry.call"),
            f"%{tools.escape_psql(self._get_address())}%",
        )

    def _get_address(self):
        return tools.email_normalize(self.email.strip())

    def _get_person_sql(self):
        """Conditions that find the person in the targets of campaigns, by model."""
        address = self._get_address()
        campaigns = self.env["marketing.campaign"].sudo().with_context(active_test=False)
        conditions = {}
        for (model_name,) in campaigns._read_group([], ["model_name"]):
            fields = self.env[model_name]._fields if model_name in self.env else {}
            for name in ("email_normalized", "email", "email_from"):
                if name in fields and fields[name].store:
                    conditions[model_name] = SQL(
                        "%s ILIKE %s", SQL.identifier(name), f"%{address}%"
                    )
                    break
        if "res.partner" in conditions:
            # Odoo goes by the name of contacts, too.
            conditions["res.partner"] = SQL("id IN (SELECT id FROM indirect_references)")
        return conditions


class PrivacyLookupWizardLine(models.TransientModel):
    _inherit = "privacy.lookup.wizard.line"

    def action_unlink(self):
        """A journey is forgotten instead of deleted: it stays counted."""
        self.ensure_one()
        self.env["marketing.message.log"].sudo()._forget_address(self.wizard_id._get_address())
        if self.res_model != "marketing.participant" or self.is_unlinked:
            return super().action_unlink()
        self.env["marketing.participant"].sudo().browse(self.res_id).exists()._forget()
        self.execution_details = self.env._(
            "Forgotten: %(document)s #%(id)s", document=self.res_model_id.name, id=self.res_id
        )
        self.is_unlinked = True
        return None

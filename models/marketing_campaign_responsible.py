"""The responsible of a campaign: what it does, it does in their place, never more."""

import psycopg2

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

# What the campaign does in the background depends on these.
GUARDED_FIELDS = {
    "domain",
    "include_archived",
    "mailing_filter_id",
    "mailing_list_ids",
    "model_id",
    "unique_field_id",
    "user_id",
    "utm_campaign_id",
}


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.model_create_multi
    def create(self, vals_list):
        campaigns = super().create(vals_list)
        campaigns._check_may_act_for()
        return campaigns

    def write(self, vals):
        res = super().write(vals)
        if not GUARDED_FIELDS.isdisjoint(vals) or vals.get("state") == "running":
            self._check_may_act_for()
        return res

    def copy_data(self, default=None):
        """The copy of a campaign that runs for somebody with more rights is one's own."""
        vals_list = super().copy_data(default)
        for campaign, vals in zip(self, vals_list, strict=True):
            if "user_id" not in (default or {}) and not campaign._may_act_for_responsible():
                vals["user_id"] = self.env.uid
        return vals_list

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    @api.constrains("user_id", "utm_campaign_id")
    def _check_timezone(self):
        """Python and PostgreSQL do not know the same time zones; each step needs both."""
        for campaign in self.filtered("user_id.tz"):
            user = campaign.user_id
            if not self._knows_timezone(user.tz):
                raise ValidationError(
                    self.env._(
                        "%(user)s is responsible for campaign “%(campaign)s”, and the database does"
                        " not know the time zone “%(timezone)s”: choose that of a city near by.",
                        user=user.name,
                        campaign=campaign.name,
                        timezone=user.tz,
                    )
                )

    @api.model
    def _knows_timezone(self, name):
        """Whether PostgreSQL can count in a time zone."""
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(SQL("SELECT timezone(%s, now())", name), log_exceptions=False)
        except psycopg2.DataError:
            return False
        return True

    def _check_may_operate(self):
        """Whoever steers single journeys must be allowed to change the campaigns, and to
        act for their responsible."""
        self.check_access("write")
        self._check_may_act_for()

    def _check_may_act_for(self):
        """Whoever decides what a campaign does must have all rights of its responsible.

        Otherwise a campaign would be a way to have somebody with more rights read,
        send or change what one cannot oneself.

        :raise AccessError: if the responsible has rights that the user does not have
        """
        for campaign in self:
            if campaign._may_act_for_responsible():
                continue
            raise AccessError(
                self.env._(
                    "Campaign “%(campaign)s” runs with the rights of %(responsible)s, who may do"
                    " more than you, or sees other records."
                    " Make yourself its responsible to change it.",
                    campaign=campaign.sudo().name,
                    responsible=campaign.sudo().user_id.name,
                )
            )

    def _may_act_for_responsible(self):
        """Whether the user has the groups, companies and records of the responsible."""
        self.ensure_one()
        user, responsible = self.env.user, self.sudo().user_id
        return self.env.su or (
            not responsible._is_superuser()
            and responsible.all_group_ids <= user.all_group_ids
            and responsible.company_ids <= user.company_ids
            and (user == responsible or self._sees_what_responsible_sees())
        )

    def _sees_what_responsible_sees(self):
        """Whether record rules show the user no less of the target than the responsible.

        Rules such as "own documents" tell people with the same groups apart.
        """
        model_name, responsible = self.sudo().model_name, self.sudo().user_id
        if model_name not in self.env:
            return True
        rules = self.env["ir.rule"].with_context(allowed_company_ids=responsible.company_ids.ids)
        for mode in ("read", "write"):
            own = rules._compute_domain(model_name, mode)
            theirs = rules.with_user(responsible)._compute_domain(model_name, mode)
            if not own.is_true() and own != theirs:
                return False
        return True

    # ------------------------------------------------------------
    # ENVIRONMENT
    # ------------------------------------------------------------

    def _get_timezone(self):
        """Time zone in which days, weeks and months are counted."""
        return self.timezone or "UTC"

    def _timezone_sql(self):
        """The same in SQL, for the row with the alias ``campaign``."""
        return SQL("coalesce(campaign.timezone, 'UTC')")

    def _responsible_env(self):
        """The environment in which the campaign works: rights, language, time zone and
        companies of its responsible, never more."""
        self.ensure_one()
        user = self.user_id
        return self.env(
            user=user,
            su=False,
            context={
                **self.env["res.users"].with_user(user).context_get(),
                "allowed_company_ids": (user.company_id | user.company_ids).ids,
            },
        )

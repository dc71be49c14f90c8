"""The responsible of a campaign: what it does, it does in their place, never more."""

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from ...tools.timing import KNOWN_TIMEZONE, known_timezone_sql

# What all marketing users may change in campaigns of others; and everybody may stop them.
HARMLESS_FIELDS = {
    "activity_ids",
    "color",
    "message_follower_ids",
    "message_ids",
    "stage_id",
    "tag_ids",
}
# What only the system writes.
SYSTEM_FIELDS = {
    "acceptance_date",
    "accepted_companies",
    "accepted_groups",
    "accepted_user_id",
    "editor_id",
    "filter_user_id",
    "identify_from",
    "identity_kind",
    "last_sync_date",
    "last_try_date",
    "planned_start_date",
    "planned_start_user_id",
    "too_many_date",
}


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.private
    def init(self):
        # PostgreSQL has no other way to ask that is as quick: visitors wait.
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION %s(name text) RETURNS text IMMUTABLE
                LANGUAGE plpgsql AS $function$
                BEGIN
                    PERFORM timezone(name, now());
                    RETURN coalesce(name, 'UTC');
                EXCEPTION WHEN data_exception THEN
                    RAISE WARNING 'Dates are counted in UTC: time zone "%%" is not known', name;
                    RETURN 'UTC';
                END $function$
                """,
                KNOWN_TIMEZONE,
            )
        )

    def copy_data(self, default=None):
        """The copy of somebody else's campaign is one's own: they have not accepted it."""
        vals_list = super().copy_data(default)
        if "user_id" not in (default or {}) and not self.env.su:
            for vals in vals_list:
                vals["user_id"] = self.env.uid
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_if_may_delete_all(self):
        """A campaign takes its activities, journeys and notes along."""
        self._check_may_act_for()
        participants = self.env["marketing.participant"]
        for campaign in self:
            if not participants.has_access("unlink") and participants.sudo().search_count(
                [("campaign_id", "=", campaign.id), ("is_test", "=", False)], limit=1
            ):
                raise AccessError(
                    self.env._(
                        "Campaign “%(campaign)s” has participants: only administrators of"
                        " Marketing Automation may delete it. Archive it instead.",
                        campaign=campaign.name,
                    )
                )

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    @api.constrains("user_id", "utm_campaign_id")
    def _check_timezone(self):
        """Python and PostgreSQL do not know the same time zones; each step needs both."""
        # The campaign's own field has no value while it is written.
        for campaign in self.filtered("utm_campaign_id.user_id.tz"):
            user = campaign.utm_campaign_id.user_id
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
        [(is_known,)] = self.env.execute_query(
            SQL("SELECT %s = %s", known_timezone_sql(name), name)
        )
        return is_known

    @api.model
    def _forget_timezones(self):
        """Take out of the database what does not go with the tables."""
        self.env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s", KNOWN_TIMEZONE))

    def _check_system_fields(self, vals):
        """
        :raise AccessError: if a user writes what the campaign notes itself
        """
        if not self.env.su and not SYSTEM_FIELDS.isdisjoint(vals):
            raise AccessError(
                self.env._(
                    "The campaign writes this itself: %(fields)s",
                    fields=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in sorted(SYSTEM_FIELDS & set(vals))
                    ),
                )
            )

    def _check_may_write(self, vals):
        """
        :raise AccessError: if a user who may not act for the responsible writes more than what
            harms nobody
        """
        harmless = HARMLESS_FIELDS | ({"state"} if vals.get("state") == "stopped" else set())
        if set(vals) - harmless:
            self._check_may_act_for()

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
        if self.env.su:
            return True
        user, responsible = self.env.user, self.sudo().user_id
        return (
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

    def _get_audience_model(self):
        """The target, empty, as the responsible sees it; with archived records where they take
        part."""
        return self._responsible_env()[self.model_name].with_context(
            active_test=not self.include_archived
        )

"""Who is named responsible agrees first; and who has written what a campaign does counts, too.

Two people may be behind a campaign: the *responsible*, with whose rights it acts, and the
*editor*, the last one who changed its audience, steps or contents. Where they are the same, or
the editor is an administrator of the settings, the campaign is the responsible's in all. Else:

- it acts only once the responsible has accepted it,
- filters are searched with the eyes of the one who wrote them,
- what the editor wrote since the acceptance must not need more rights than the editor has now,
- groups and companies that the responsible was given since, and the editor does not have, wait
  for a new acceptance.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...tools.rpc import on_records
from .problems import USER_GROUP

ACTIVITY_TYPE = "marketing_automation.mail_activity_type_accept"
# What the campaign does, with its activities and mailings.
EDITED_FIELDS = {
    "domain",
    "entry_ids",
    "include_archived",
    "mailing_filter_id",
    "mailing_list_ids",
    "model_id",
    "reentry",
    "reentry_delay_number",
    "reentry_delay_type",
    "unique_field_id",
    "utm_campaign_id",
}
FILTER_FIELDS = {"domain", "mailing_filter_id", "model_id"}


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    accepted_user_id = fields.Many2one(
        "res.users",
        string="Accepted by",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="The responsible who has agreed that the campaign acts with their rights; empty while"
        " it waits for them.",
    )
    acceptance_date = fields.Datetime(
        "Accepted on",
        copy=False,
        readonly=True,
        help="When the responsible accepted the campaign as it is now; empty if somebody else"
        " changed it since.",
    )
    accepted_groups = fields.Json(
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="Ids of the groups that the responsible had when they accepted.",
    )
    accepted_companies = fields.Json(
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="Ids of the companies that the responsible had when they accepted.",
    )
    editor_id = fields.Many2one(
        "res.users",
        string="Last Changed by",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="The last one who changed the audience, the steps or their contents.",
    )
    filter_user_id = fields.Many2one(
        "res.users",
        string="Filter by",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="Who wrote the filter: it finds nothing that they may not see.",
    )
    acceptance_request = fields.Char(
        compute="_compute_acceptance_request",
        help="What the campaign needs its responsible for, before it does anything.",
    )
    can_accept = fields.Boolean(
        compute="_compute_acceptance_request", help="Whether the user is asked to accept it."
    )

    @api.depends("user_id", "accepted_user_id", "acceptance_date", "editor_id")
    @api.depends_context("uid", "lang")
    def _compute_acceptance_request(self):
        for campaign in self:
            stored = campaign._origin
            reason = stored.sudo()._get_acceptance_problem() if stored else False
            campaign.can_accept = bool(reason) and stored.user_id == self.env.user
            if campaign.can_accept and not stored.accepted_user_id:
                reason = self.env._(
                    "You are asked to run this campaign: it will act with your rights."
                )
            campaign.acceptance_request = reason

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_records
    def action_accept(self):
        """Agree, as the responsible, that the campaign acts with one's rights as it is now.

        :raise AccessError: if somebody else is the responsible
        """
        self.check_access("write")
        for campaign in self:
            if campaign.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only %(user)s can accept campaign “%(campaign)s”.",
                        user=campaign.user_id.name,
                        campaign=campaign.name,
                    )
                )
            campaign._message_log(
                body=self.env._("Accepted: the campaign acts with the rights of its responsible.")
            )
        self._accept()
        return True

    def _accept(self):
        for campaign in self.sudo():
            campaign.write(
                {
                    "accepted_user_id": campaign.user_id.id,
                    "acceptance_date": fields.Datetime.now(),
                    "accepted_groups": campaign.user_id.all_group_ids.ids,
                    "accepted_companies": campaign.user_id.company_ids.ids,
                }
            )
        self.sudo().activity_unlink([ACTIVITY_TYPE])
        if running := self.filtered(lambda campaign: campaign.state == "running"):
            running._enrol_soon()
            running._wake_up_when_due()

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    @api.model
    def _get_authorship(self):
        """Who has made a new campaign, and that nobody has accepted it."""
        return {
            "editor_id": self.env.uid,
            "filter_user_id": self.env.uid,
            "accepted_user_id": False,
            "acceptance_date": False,
        }

    def _note_authorship(self, vals):
        """Note who has written these values."""
        if not EDITED_FIELDS.isdisjoint(vals):
            self._note_editor()
        if not FILTER_FIELDS.isdisjoint(vals) and not self.env.su:
            self.sudo().filter_user_id = self.env.user
        if not {"user_id", "utm_campaign_id"}.isdisjoint(vals):
            self._note_responsible()

    def _note_responsible(self):
        """Ask those who were named by others. Who takes a campaign over takes it as their own."""
        for campaign in self.sudo():
            user = campaign.user_id
            if campaign.accepted_user_id == user:
                continue
            if user == self.env.user:
                campaign.write({"editor_id": user.id, "filter_user_id": user.id})
                campaign.marketing_activity_ids._set_authors(user)
                campaign._accept()
            elif self.env.su or self.env.user.has_group("base.group_system"):
                campaign._accept()
            else:
                campaign.write({"accepted_user_id": False, "acceptance_date": False})
                campaign.activity_unlink([ACTIVITY_TYPE])
                campaign.with_user(self.env.user)._ask_to_accept()

    def _note_editor(self):
        """What a campaign does was changed by this user; jobs and code change nothing of it."""
        if self.env.su:
            return
        for campaign in self.sudo():
            is_responsible = self.env.user == campaign.user_id
            if campaign.editor_id != self.env.user:
                campaign.editor_id = self.env.user
            if campaign.acceptance_date and not is_responsible:
                campaign.acceptance_date = False

    def _ask_to_accept(self):
        """Ask the responsible, once, with an activity."""
        for campaign in self.sudo():
            user = campaign.user_id
            asked = campaign.activity_search([ACTIVITY_TYPE], user_id=user.id)
            if asked or not (user.active and user.has_group(USER_GROUP)):
                continue
            campaign = campaign.with_context(lang=user.lang)
            campaign.activity_schedule(
                ACTIVITY_TYPE,
                summary=campaign.env._("Accept to run the campaign with your rights"),
                note=campaign.env._("Open the campaign, look at what it does, and accept it."),
                user_id=user.id,
            )

    def _is_trusted(self, user):
        """Whether what the user writes into the campaign is as good as the responsible's."""
        return (
            not user
            or user == self.user_id
            or user._is_superuser()
            or user.has_group("base.group_system")
        )

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _get_acceptance_problem(self):
        """Why the campaign waits for its responsible, or False."""
        self.ensure_one()
        user, editor = self.user_id, self.editor_id
        if user._is_superuser():
            return False
        if self.accepted_user_id != user:
            return self.env._(
                "The campaign waits for %(user)s to accept it: it acts with their rights.",
                user=user.name,
            )
        if self._is_trusted(editor):
            return False
        if self.acceptance_date:
            may_act = not self._has_gained_rights()
        else:
            may_act = self.with_user(editor)._may_act_for_responsible()
        if may_act:
            return False
        return self.env._(
            "The campaign waits for %(user)s to accept it as it is: %(editor)s, who has changed it,"
            " may do less.",
            user=user.name,
            editor=editor.name,
        )

    def _has_gained_rights(self):
        """Whether the responsible was given groups or companies since the acceptance that the
        editor does not have."""
        user, editor = self.user_id, self.editor_id
        return any(
            set(given.ids) - {*(accepted or ()), *known.ids}
            for given, accepted, known in (
                (user.all_group_ids, self.accepted_groups, editor.all_group_ids),
                (user.company_ids, self.accepted_companies, editor.company_ids),
            )
        )

    def _without_request(self, problems):
        """These problems without the acceptance that is waited for: who is asked for it finds
        the request among their activities."""
        in_their_language = self.with_context(lang=self.user_id.lang)
        if not self._get_acceptance_problem():
            return problems
        self._ask_to_accept()
        asked = self._get_acceptance_problem(), in_their_language._get_acceptance_problem()
        return [problem for problem in problems if problem not in asked]

    # ------------------------------------------------------------
    # FILTERS
    # ------------------------------------------------------------

    def _get_searched_domain(self):
        """The audience as the campaign searches it, in the environment of the responsible."""
        return self._as_seen_by(self.filter_user_id, self._get_domain())

    def _as_seen_by(self, author, domain, model=None):
        """A filter that finds what both the responsible and its author may see.

        The answer to a question must not depend on anything that who asks may not see, also
        where the question is what does *not* match. So it is asked as its author; the
        responsible, whose rules the search for it applies, may read what it is about, too.

        :param author: user who wrote the filter
        :param Domain domain: the filter
        :param model: what it filters, in the environment of the responsible; by default the target
        """
        if domain.is_true() or self._is_trusted(author):
            return domain
        if model is None:
            model = self._get_audience_model()
        model._search(domain)  # checks the access to its fields
        companies = author.company_ids & self.user_id.company_ids
        theirs = model.with_user(author).with_context(
            allowed_company_ids=companies.ids or author.company_id.ids
        )
        return Domain("id", "in", theirs._search(domain))

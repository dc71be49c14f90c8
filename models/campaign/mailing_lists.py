"""Which mailing lists a campaign mails for: who has left them gets nothing of it."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.domains import is_searchable, parse_domain

# Fields that lead from a record to mailing lists.
LIST_FIELDS = {
    "mailing.contact": {"list_ids": "mailing.list", "subscription_ids": "mailing.subscription"},
    "mailing.subscription": {"list_id": "mailing.list"},
}


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    mailing_list_ids = fields.Many2many(
        "mailing.list",
        "marketing_campaign_mailing_list_rel",
        "campaign_id",
        "list_id",
        string="Mailing Lists",
        compute="_compute_mailing_list_ids",
        store=True,
        readonly=False,
        copy=True,
        context={"active_test": False},
        tracking=True,
        help="The lists that the campaign mails for. Who has opted out of all of them gets nothing"
        " of it, and who unsubscribes leaves them. Filled in when a filter names lists. Empty means"
        " all lists of a contact; who unsubscribes is then blacklisted.",
    )

    @api.depends("model_id", "domain")
    def _compute_mailing_list_ids(self):
        """What a changed filter names; else what is there, then what the steps' filters name."""
        for campaign in self:
            lists = self.env["mailing.list"]
            if campaign._has_mailing_lists():
                lists = (
                    campaign._get_lists_of_filter(campaign.domain)
                    or campaign.mailing_list_ids
                    or campaign._get_lists_of_steps()
                )
            campaign.mailing_list_ids = lists

    def _fill_in_mailing_lists(self):
        """The filters of steps have changed: they count where nothing else tells the lists."""
        for campaign in self:
            if not campaign.mailing_list_ids and (lists := campaign._get_lists_of_steps()):
                campaign.mailing_list_ids = lists

    def _get_mailing_list_problems(self):
        if (
            not self._has_mailing_lists()
            or self.mailing_list_ids
            or not any(map(self._get_list_domains, self._get_filters()))
        ):
            return []
        return [
            self.env._(
                "Say in “Mailing Lists” which lists the campaign mails for: the filters do not"
                " tell."
            )
        ]

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _has_mailing_lists(self):
        return self.model_name == "mailing.contact"

    def _get_mailing_lists(self):
        """Mailing lists that these campaigns mail for; none means all lists of a contact."""
        # Those of a campaign whose target is gone are known, too.
        return self.mailing_list_ids

    def _is_sure_of_mailing_lists(self):
        """Whether it is clear which lists this campaign mails for, also where it is broken."""
        self.ensure_one()
        if self.mailing_list_ids:
            return True
        model = self.env["mailing.contact"]
        try:
            for text in self._get_filters():
                parse_domain(model, text)
        except ValueError:
            return False
        return self._has_mailing_lists() and not any(
            map(self._get_list_domains, self._get_filters())
        )

    def _get_filters(self):
        return [self.domain, *self.marketing_activity_ids.mapped("activity_domain")]

    def _get_lists_of_steps(self):
        lists = self.env["mailing.list"]
        for text in self.marketing_activity_ids.mapped("activity_domain"):
            lists |= self._get_lists_of_filter(text)
        return lists

    def _get_lists_of_filter(self, text):
        """Mailing lists that a filter names now, by id, name or anything else about them."""
        domain = Domain.OR(self._get_list_domains(text))
        # Odoo computes what is stored as superuser: the lists would tell what the filter asks.
        lists = self.env["mailing.list"].sudo(False).with_context(active_test=False)
        is_named = not domain.is_false() and is_searchable(lists, domain)
        return lists.search(domain) if is_named else lists.browse()

    def _get_list_domains(self, text):
        """What a filter says of the mailing lists that its records are in.

        :return: domains of mailing lists; FALSE where it is unclear which lists are meant
        :rtype: list[Domain]
        """
        if not self._has_mailing_lists():
            return []
        model = self.env["mailing.contact"]
        try:
            return list(_iter_list_domains(model, parse_domain(model, text).optimize(model)))
        except (NotImplementedError, RecursionError, TypeError, UserError, ValueError):
            # Odoo says what is wrong with the filter.
            return []


def _iter_list_domains(model, domain):
    """Walk through an optimised domain, in which all paths are ``any``.

    Conditions on the lists that a contact is *not* in name no list that is mailed for.
    """
    for condition in domain.iter_conditions():
        comodel = LIST_FIELDS[model._name].get(condition.field_expr)
        is_any = condition.operator.startswith("any")
        if not comodel or (
            model._name == "mailing.contact" and condition.operator.startswith("not")
        ):
            continue
        if comodel == "mailing.subscription":
            if is_any:
                yield from _iter_list_domains(model.env[comodel], condition.value)
            elif ids := _ids(condition):
                yield Domain("subscription_ids", "in", ids)
        elif is_any:
            yield condition.value
        elif condition.operator not in ("in", "not in"):
            yield Domain.FALSE
        elif ids := _ids(condition):
            yield Domain("id", condition.operator, ids)


def _ids(condition):
    """The ids that a condition compares with; False stands for "in no list at all"."""
    return [value for value in condition.value if value and value is not True]

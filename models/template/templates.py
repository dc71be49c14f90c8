"""How campaigns are made of templates."""

from copy import deepcopy
from urllib.parse import urlsplit

from markupsafe import Markup

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import formataddr

# What else than fields the description of an activity has.
DESCRIPTION_KEYS = {"key", "branch", "branches", "children", "mailing", "server_action"}
# Fields of activities and branches that name an activity, and those that are filters.
STEP_FIELDS = {"event_activity_id", "goto_activity_id", "wait_activity_id"}
DOMAIN_FIELDS = {"activity_domain", "domain", "wait_domain"}


class MarketingCampaign(models.Model):
    """Templates of campaigns.

    Another addon adds one with an entry in :meth:`_get_campaign_templates` and the method
    that the entry names as its ``function``. That method returns a dictionary::

        {
            "name": "Win back",                      # of the campaign
            "model": "res.partner",                  # its target
            "domain": [("email", "!=", False)],      # its filter
            "unique_field": "email",                 # the default of the target, if left out
            "activities": [
                {
                    "name": "Offer",
                    "trigger_type": "begin",         # the default
                    "interval_number": 2,            # 0 by default
                    "interval_type": "days",         # "hours" by default
                    "mailing": {"subject": "...", "preview": "...", "template": "xmlid of a body"},
                    "children": [
                        {"name": "Tag", "trigger_type": "mail_click", "server_action": action},
                    ],
                },
            ],
        }

    An activity has a ``mailing`` or a ``server_action``, or it steers::

        {
            "name": "Is it opened?",
            "activity_type": "condition",
            "branches": {
                "opened": {
                    "name": "Opened",
                    "branch_type": "event",          # "filter" by default
                    "event": "mail_open",
                    "event_activity_id": "offer",    # the activity with this "key"
                },
            },
            "children": [
                {"name": "Thank you", "key": "thanks", "branch": "opened", ...},
                {"name": "Wait", "branch": "otherwise", "activity_type": "wait", ...},
            ],
        }

    Other keys are fields of ``marketing.activity``, and in ``branches`` of
    ``marketing.activity.branch``; those that name an activity take its ``key``, wherever in the
    workflow it is. A child's ``branch`` is the way out of its parent that it comes on: a key of
    ``branches``, or the type of a branch that such activities always have (``otherwise``, ``met``,
    ``timeout``).

    A mailing with a ``text`` in place of the ``template`` is a text message. Bodies are QWeb
    templates made of the blocks in ``data/templates/mailing_blocks.xml``; records that templates
    share (server actions, tags, lists) come from :meth:`_get_template_record`. Those of this addon
    are in ``catalog.py`` and ``journeys.py``. The method is also called to draw the workflow before
    it is made (``pictures.py``): it makes nothing but by :meth:`_get_template_record`.
    """

    _inherit = "marketing.campaign"

    # ------------------------------------------------------------
    # PUBLIC
    # ------------------------------------------------------------

    @api.model
    def get_campaign_templates_info(self):
        """What the cards of the templates show.

        :return: title, description, icon (path of an image) and steps (as the workflow view draws
            them) by name of the template
        :rtype: dict[str, dict]
        """
        self.check_access("read")
        return {
            name: {
                **{key: value for key, value in template.items() if key != "function"},
                "steps": self._draw_template(template["function"]),
            }
            for name, template in self._get_campaign_templates().items()
        }

    @api.model
    def get_action_marketing_campaign_from_template(self, template_name):
        """Create the campaign of a template, as a draft.

        :param str template_name: a key of :meth:`get_campaign_templates_info`
        :return: the action that opens the campaign
        :rtype: dict
        :raise UserError: if there is no such template, or the user may not read its target
        """
        self.check_access("create")
        template = self._get_campaign_templates().get(str(template_name))
        if not template:
            raise UserError(
                self.env._("There is no campaign template “%(template)s”.", template=template_name)
            )
        campaign = self._create_from_template(getattr(self, template["function"])())
        return {
            "type": "ir.actions.act_window",
            "name": campaign.name,
            "res_model": self._name,
            "res_id": campaign.id,
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "current",
        }

    # ------------------------------------------------------------
    # CREATION
    # ------------------------------------------------------------

    def _check_template_target(self, model_name):
        """
        :raise UserError: if the user may not read such records
        """
        if not self._is_template_drawn() and not self.env[model_name].has_access("read"):
            raise UserError(
                self.env._(
                    "This template works on “%(model)s” records, which you may not read. Ask an"
                    " administrator for access.",
                    model=self.env["ir.model"]._get(model_name).sudo().name,
                )
            )

    def _create_from_template(self, values):
        """Create a campaign from the description of a template, see the class."""
        self._check_template_target(values["model"])
        campaign_values = {
            "name": values["name"],
            "model_id": self.env["ir.model"]._get_id(values["model"]),
            "domain": repr(values["domain"]),
            "user_id": self.env.uid,
        }
        if "unique_field" in values:
            campaign_values["unique_field_id"] = (
                self.env["ir.model.fields"].sudo()._get(values["model"], values["unique_field"]).id
            )
        campaign = self.create(campaign_values)
        campaign._create_template_activities(values["activities"])
        return campaign

    def _create_template_activities(self, activities):
        """Create a workflow, then let its activities and branches name one another."""
        described = list(self._create_template_steps(activities))
        steps = {values["key"]: record for record, values in described if "key" in values}
        for record, values in described:
            for field in STEP_FIELDS.intersection(values):
                record[field] = steps[values[field]]

    def _create_template_steps(self, activities, parent=None, ways=None):
        """Create activities and all below them.

        :param parent: the activity that they come after
        :param dict ways: its branches, by what descriptions call them
        :return: each activity and branch that is described, with its description
        """
        for values in activities:
            activity = self.env["marketing.activity"].create(
                self._prepare_template_step(values, parent, ways)
            )
            yield activity, values
            branches = activity.branch_ids.sorted("sequence")
            described = values.get("branches", {})
            own_ways = {
                **{branch.branch_type: branch for branch in branches},
                **dict(zip(described, branches, strict=False)),
            }
            yield from ((own_ways[name], branch) for name, branch in described.items())
            yield from self._create_template_steps(values.get("children", ()), activity, own_ways)

    def _prepare_template_step(self, values, parent, ways):
        mailing, action = values.get("mailing"), values.get("server_action")
        branches = [
            {**self._prepare_template_fields(branch), "sequence": sequence}
            for sequence, branch in enumerate(values.get("branches", {}).values())
        ]
        vals = {
            "activity_type": self._get_template_activity_type(mailing),
            **self._prepare_template_fields(values),
            "campaign_id": self.id,
            "parent_id": parent.id if parent else False,
            "mass_mailing_id": self._create_template_mailing(mailing).id if mailing else False,
            "server_action_id": action.id if action else False,
            "branch_ids": [Command.create(branch) for branch in branches],
        }
        if "branch" in values:
            vals.update(trigger_type="branch", branch_id=ways[values["branch"]].id)
        return vals

    def _prepare_template_fields(self, values):
        """Values of the fields in a description that name no activity."""
        return {
            name: repr(value) if name in DOMAIN_FIELDS else value
            for name, value in values.items()
            if name not in DESCRIPTION_KEYS | STEP_FIELDS
        }

    def _get_template_activity_type(self, mailing):
        if not mailing:
            return "action"
        return "sms" if "text" in mailing else "email"

    def _create_template_mailing(self, values):
        """Create the mailing of an activity.

        :param dict values: subject, and either text, or preview and template (QWeb template of the
            body)
        """
        if "text" in values:
            content = {
                "mailing_type": "sms",
                "body_plaintext": values["text"],
                "sms_allow_unsubscribe": True,
            }
        else:
            content = {
                "preview": values.get("preview"),
                # The editor reads the one, the recipients get the other.
                "body_arch": self._render_template_body(values["template"], inline=False),
                "body_html": self._render_template_body(values["template"], inline=True),
            }
            if not self.env.user.email:
                content["email_from"] = self._get_template_sender()
        return self.env["mailing.mailing"].create(
            {
                "subject": values["subject"],
                "mailing_model_id": self.model_id.id,
                "user_id": self.user_id.id,
                "use_in_marketing_automation": True,
                **content,
            }
        )

    def _get_template_sender(self):
        """Sender for somebody without an address of their own: a mailing must have one."""
        company = self.env.company
        return (
            company.email_formatted
            or self.env["ir.mail_server"]._get_default_from_address()
            or formataddr((company.name, f"noreply@{urlsplit(self.get_base_url()).hostname}"))
        )

    def _get_template_website(self):
        """Where links of messages lead."""
        return self.env.company.website or self.get_base_url()

    def _render_template_body(self, template, inline):
        """Render the body of a mail.

        :param template: xml id of the QWeb template, or its parsed XML
        :param bool inline: as it is sent, instead of as the editor keeps it
        :rtype: Markup
        """
        company = self.env.company
        address = company.partner_id._display_address(without_company=True)
        name = "object.contact_name" if self.model_name == "crm.lead" else "object.name"
        return self.env["ir.qweb"]._render(
            deepcopy(template),  # rendering consumes parsed XML
            {
                "inline": inline,
                "company": company,
                "address": ", ".join(line.strip() for line in address.splitlines() if line.strip()),
                "button_color": company.email_secondary_color or "#875A7B",
                "button_text_color": company.email_primary_color or "#FFFFFF",
                "website_url": self._get_template_website(),
                "recipient": Markup('<t t-out="%s">%s</t>') % (name, self.env._("there")),
            },
            minimal_qcontext=True,
        )

"""Campaigns to start from: complete workflows, with their mails and server actions."""

from copy import deepcopy
from urllib.parse import urlsplit

from markupsafe import Markup

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import formataddr

MODULE = "marketing_automation"


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

    An activity has either a ``mailing`` or a ``server_action``; other keys are fields of
    ``marketing.activity``. A mailing with a ``text`` in place of the ``template`` is a text
    message. Bodies are QWeb templates made of the blocks in
    ``data/templates/mailing_blocks.xml``; records that templates share (server actions,
    tags, lists) come from :meth:`_get_template_record`.
    """

    _inherit = "marketing.campaign"

    # ------------------------------------------------------------
    # PUBLIC
    # ------------------------------------------------------------

    @api.model
    def get_campaign_templates_info(self):
        """What the cards of the templates show.

        :return: title, description and icon (path of an image) by name of the template
        :rtype: dict[str, dict]
        """
        self.check_access("read")
        return {
            name: {key: value for key, value in template.items() if key != "function"}
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
        template = self._get_campaign_templates().get(template_name)
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
    # TEMPLATES
    # ------------------------------------------------------------

    @api.model
    def _get_campaign_templates(self):
        """Title, description, icon, and name of the method (``function``) of each template.

        :rtype: dict[str, dict]
        """
        _ = self.env._
        icon = f"/{MODULE}/static/img/template_%s.svg"
        return {
            "hot_contacts": {
                "title": _("Tag Hot Contacts"),
                "description": _("Send a welcome email to contacts and tag them if they click it."),
                "icon": icon % "hot_contacts",
                "function": "_get_marketing_template_hot_contacts_values",
            },
            "welcome": {
                "title": _("Welcome Flow"),
                "description": _(
                    "Send a welcome email to new subscribers, remove the address that bounced."
                ),
                "icon": icon % "welcome",
                "function": "_get_marketing_template_welcome_values",
            },
            "double_optin": {
                "title": _("Double Opt-in"),
                "description": _("Send an email to new recipients to confirm their consent."),
                "icon": icon % "double_optin",
                "function": "_get_marketing_template_double_optin_values",
            },
            "commercial_prospection": {
                "title": _("Commercial prospection"),
                "description": _("Send a free catalog and follow up according to reactions."),
                "icon": icon % "commercial_prospection",
                "function": "_get_marketing_template_commercial_prospection_values",
            },
            "schedule_calls": {
                "title": _("Schedule Calls"),
                "description": _(
                    "If a lead is created for an existing contact, schedule a call with their"
                    " salesperson."
                ),
                "icon": icon % "schedule_calls",
                "function": "_get_marketing_template_schedule_calls_values",
            },
            "prioritize_hot_leads": {
                "title": _("Prioritize Hot Leads"),
                "description": _(
                    "Send an email to new leads and set a high priority if they open it."
                ),
                "icon": icon % "prioritize_hot_leads",
                "function": "_get_marketing_template_prioritize_hot_leads_values",
            },
        }

    def _get_marketing_template_hot_contacts_values(self):
        _ = self.env._
        tag = self._get_template_record(
            f"{MODULE}.partner_category_hot_contact",
            "res.partner.category",
            {"name": _("Hot Contact"), "color": 1},
        )
        return {
            "name": _("Tag Hot Contacts"),
            "model": "res.partner",
            # Colleagues are contacts too; they need no welcome.
            "domain": [
                ("email", "!=", False),
                ("is_blacklisted", "=", False),
                ("partner_share", "=", True),
            ],
            "activities": [
                {
                    "name": _("Welcome email"),
                    "mailing": {
                        "subject": _("Welcome to %(company)s", company=self.env.company.name),
                        "preview": _("Good to have you with us."),
                        "template": f"{MODULE}.mailing_body_hot_contacts",
                    },
                    "children": [
                        {
                            "name": _("Tag as hot contact"),
                            "trigger_type": "mail_click",
                            "server_action": self._get_template_action_add(
                                f"{MODULE}.server_action_tag_hot_contact",
                                _("Tag as hot contact"),
                                "res.partner",
                                "category_id",
                                tag,
                            ),
                        }
                    ],
                }
            ],
        }

    def _get_marketing_template_welcome_values(self):
        _ = self.env._
        return {
            "name": _("Welcome Flow"),
            "model": "mailing.contact",
            # Those who have subscribed long ago would wonder about a welcome.
            "domain": [
                ("email", "!=", False),
                ("is_blacklisted", "=", False),
                ("create_date", ">=", "today -7d"),
            ],
            "activities": [
                {
                    "name": _("Welcome email"),
                    "mailing": {
                        "subject": _("Thank you for subscribing"),
                        "preview": _("Your subscription is active."),
                        "template": f"{MODULE}.mailing_body_welcome",
                    },
                    "children": [
                        {
                            "name": _("Blacklist the address"),
                            "trigger_type": "mail_bounce",
                            "server_action": self._get_template_action_blacklist(),
                        }
                    ],
                }
            ],
        }

    def _get_marketing_template_double_optin_values(self):
        _ = self.env._
        newsletter = self._get_template_list("mass_mailing.mailing_list_data", _("Newsletter"))
        confirmed = self._get_template_list(
            f"{MODULE}.mailing_list_confirmed", _("Confirmed contacts")
        )
        return {
            "name": _("Double Opt-in"),
            "model": "mailing.contact",
            "unique_field": "email",
            "domain": [
                ("email", "!=", False),
                ("is_blacklisted", "=", False),
                ("list_ids", "in", newsletter.ids),
            ],
            "activities": [
                {
                    "name": _("Confirmation"),
                    "interval_number": 1,
                    "mailing": {
                        "subject": _("Please confirm your subscription"),
                        "preview": _("One click, and you are in."),
                        "template": f"{MODULE}.mailing_body_double_optin",
                    },
                    "children": [
                        {
                            "name": _("Add to list"),
                            "trigger_type": "mail_click",
                            "server_action": self._get_template_action_add(
                                f"{MODULE}.server_action_add_to_confirmed",
                                _("Add to list “Confirmed contacts”"),
                                "mailing.contact",
                                "list_ids",
                                confirmed,
                            ),
                        }
                    ],
                }
            ],
        }

    def _get_marketing_template_commercial_prospection_values(self):
        _ = self.env._
        call = self._get_template_action_call_back()
        return {
            "name": _("Commercial prospection"),
            "model": "res.partner",
            "domain": [
                ("email", "!=", False),
                ("is_blacklisted", "=", False),
                ("partner_share", "=", True),
            ],
            "activities": [
                {
                    "name": _("Free catalog"),
                    "mailing": {
                        "subject": _("Our catalog, free for you"),
                        "preview": _("All that we offer, in one place."),
                        "template": f"{MODULE}.mailing_body_catalog",
                    },
                    "children": [
                        {
                            "name": _("Offer help"),
                            "trigger_type": "mail_click",
                            "interval_number": 1,
                            "interval_type": "days",
                            "mailing": {
                                "subject": _("Any questions about our catalog?"),
                                "preview": _("Reply, and we will call you back."),
                                "template": f"{MODULE}.mailing_body_catalog_questions",
                            },
                            "children": [
                                {
                                    "name": _("Call back"),
                                    "trigger_type": "mail_reply",
                                    "server_action": call,
                                }
                            ],
                        },
                        {
                            "name": _("Call back after the reply"),
                            "trigger_type": "mail_reply",
                            "server_action": call,
                        },
                        {
                            "name": _("Reminder"),
                            "trigger_type": "mail_not_open",
                            "interval_number": 3,
                            "interval_type": "days",
                            "mailing": {
                                "subject": _("Your free catalog is waiting"),
                                "preview": _("It takes two minutes."),
                                "template": f"{MODULE}.mailing_body_catalog_reminder",
                            },
                            "children": [
                                {
                                    "name": _("Call after the reminder"),
                                    "trigger_type": "mail_click",
                                    "interval_number": 1,
                                    "interval_type": "days",
                                    "server_action": call,
                                }
                            ],
                        },
                    ],
                }
            ],
        }

    def _get_marketing_template_schedule_calls_values(self):
        _ = self.env._
        self._check_template_target("crm.lead")
        return {
            "name": _("Schedule Calls"),
            "model": "crm.lead",
            # Two leads of one contact make one call.
            "unique_field": "partner_id",
            "domain": [
                ("partner_id", "!=", False),
                ("create_date", ">=", "today -7d"),
                ("stage_id.is_won", "=", False),
            ],
            "activities": [
                {
                    "name": _("Schedule a call"),
                    "server_action": self._get_template_action_schedule_call(),
                }
            ],
        }

    def _get_marketing_template_prioritize_hot_leads_values(self):
        _ = self.env._
        self._check_template_target("crm.lead")
        return {
            "name": _("Prioritize Hot Leads"),
            "model": "crm.lead",
            "domain": [
                ("email_from", "!=", False),
                ("is_blacklisted", "=", False),
                ("create_date", ">=", "today -7d"),
                ("stage_id.is_won", "=", False),
            ],
            "activities": [
                {
                    "name": _("Answer"),
                    "mailing": {
                        "subject": _("Thank you for your interest"),
                        "preview": _("This is how it goes on."),
                        "template": f"{MODULE}.mailing_body_hot_leads",
                    },
                    "children": [
                        {
                            "name": _("Set a high priority"),
                            "trigger_type": "mail_open",
                            # Very high is to stay.
                            "activity_domain": [("priority", "!=", "3")],
                            "server_action": self._get_template_action_high_priority(),
                        }
                    ],
                }
            ],
        }

    # ------------------------------------------------------------
    # SHARED RECORDS
    # ------------------------------------------------------------

    def _get_template_record(self, xml_id, model, values):
        """A record that campaigns of templates share; it is made when it is first needed.

        Those who may build campaigns may not create tags or server actions as such. They
        get exactly the ones that a template defines: hence the superuser. Nothing in
        ``values`` may come from a user.

        :param str xml_id: complete external id
        :param str model: model of the record
        :param dict values: to create it with
        """
        record = self.env.ref(xml_id, raise_if_not_found=False)
        if not record:
            record = (
                self.env[model]
                .sudo()
                ._load_records([{"xml_id": xml_id, "values": values, "noupdate": True}])
            )
        return record.with_env(self.env)

    def _get_template_list(self, xml_id, name):
        """A mailing list: the one with the external id, or with the name, else a new one."""
        known = self.env.ref(xml_id, raise_if_not_found=False)
        if known and known.active:
            return known
        lists = self.env["mailing.list"]
        return (
            lists.search([("name", "=", name)], limit=1)
            or (known and lists.create({"name": name}))
            or self._get_template_record(xml_id, "mailing.list", {"name": name})
        )

    def _get_template_action(self, xml_id, name, model, values):
        """A server action that everybody who runs campaigns may run.

        It changes just what its template says, so it needs no rights on the target: most
        marketing users may not write contacts.
        """
        return self._get_template_record(
            xml_id,
            "ir.actions.server",
            {
                "name": name,
                "model_id": self.env["ir.model"]._get_id(model),
                "group_ids": [
                    Command.link(self.env.ref(f"{MODULE}.group_marketing_automation_user").id)
                ],
                **values,
            },
        )

    def _get_template_action_add(self, xml_id, name, model, field, record):
        """Server action that adds ``record`` to a many2many field, unless it is in there."""
        values = {"resource_ref": f"{record._name},{record.id}", "value": str(record.id)}
        action = self._get_template_action(
            xml_id,
            name,
            model,
            {
                "state": "object_write",
                "update_path": field,
                "update_m2m_operation": "add",
                "evaluation_type": "value",
                **values,
            },
        )
        if action.sudo().value != values["value"]:
            # What it added was deleted, and made anew.
            action.sudo().write(values)
        return action

    def _get_template_action_blacklist(self):
        return self._get_template_action(
            f"{MODULE}.server_action_blacklist",
            self.env._("Blacklist the address"),
            "mailing.contact",
            {
                "state": "code",
                "code": 'if record.email_normalized:\n    env["mail.blacklist"]._add(record.email)',
            },
        )

    def _get_template_action_call_back(self):
        """Call for the salesperson of a contact, else for the campaign's responsible."""
        return self._get_template_action_call(
            "server_action_call_prospect",
            self.env._("Schedule a call about the catalog"),
            "res.partner",
            "record.user_id or record.commercial_partner_id.user_id",
            self.env._("Call about the catalog"),
        )

    def _get_template_action_schedule_call(self):
        """Call for the salesperson of a lead's contact, else of the lead."""
        return self._get_template_action_call(
            "server_action_call_lead",
            self.env._("Schedule a call with the contact's salesperson"),
            "crm.lead",
            "record.partner_id.user_id or record.partner_id.commercial_partner_id.user_id"
            " or record.user_id",
            self.env._("Call an existing contact about their new request"),
        )

    def _get_template_action_call(self, xml_id, name, model, salesperson, summary):
        """Server action that schedules a call.

        It writes the record's activities, since Odoo's own action for activities knows
        only a field of the record, and gives the call to nobody where that is empty.

        :param str salesperson: expression; if it gives nobody, the responsible calls
        """
        call = [
            f"'res_model_id': {self.env['ir.model']._get_id(model)}",
            f"'activity_type_id': {self._get_call_activity_type().id}",
            f"'summary': {summary!r}",
            f"'user_id': ({salesperson} or env.user).id",
        ]
        return self._get_template_action(
            f"{MODULE}.{xml_id}",
            name,
            model,
            {
                "state": "object_write",
                "update_path": "activity_ids",
                "evaluation_type": "equation",
                "value": f"[(0, 0, {{{', '.join(call)}}})]",
            },
        )

    def _get_template_action_high_priority(self):
        high = (
            self.env["ir.model.fields"]
            ._get("crm.lead", "priority")
            .selection_ids.filtered(lambda choice: choice.value == "2")
        )
        return self._get_template_action(
            f"{MODULE}.server_action_high_priority",
            self.env._("Set a high priority"),
            "crm.lead",
            {
                "state": "object_write",
                "update_path": "priority",
                "evaluation_type": "value",
                "selection_value": high.id,
                "value": high.value,
            },
        )

    def _get_call_activity_type(self):
        types = self.env["mail.activity.type"]
        return (
            self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
            or types.search([("category", "=", "phonecall"), ("res_model", "=", False)], limit=1)
            or types.search([("res_model", "=", False)], limit=1)
        )

    # ------------------------------------------------------------
    # CREATION
    # ------------------------------------------------------------

    def _check_template_target(self, model_name):
        """
        :raise UserError: if the user may not read such records
        """
        if not self.env[model_name].has_access("read"):
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

    def _create_template_activities(self, activities, parent=None):
        for values in activities:
            values = dict(values)
            children = values.pop("children", [])
            mailing = values.pop("mailing", None)
            action = values.pop("server_action", None)
            activity = self.env["marketing.activity"].create(
                {
                    **values,
                    "campaign_id": self.id,
                    "parent_id": parent.id if parent else False,
                    "activity_type": self._get_template_activity_type(mailing),
                    "activity_domain": repr(values.get("activity_domain", [])),
                    "mass_mailing_id": self._create_template_mailing(mailing).id
                    if mailing
                    else False,
                    "server_action_id": action.id if action else False,
                }
            )
            self._create_template_activities(children, activity)

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
            content = {"mailing_type": "sms", "body_plaintext": values["text"]}
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
                "website_url": company.website or self.get_base_url(),
                "recipient": Markup('<t t-out="%s">%s</t>') % (name, self.env._("there")),
            },
            minimal_qcontext=True,
        )

"""The templates, and the workflows of those that steer nothing; for the others see ``journeys``."""

from odoo import api, models

MODULE = "marketing_automation"
# In the last 7 days, today included, as the filter editor writes it.
CREATED_LATELY = [("create_date", ">=", "today -7d"), ("create_date", "<", "today +1d")]


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

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
            "abandoned_opportunity": {
                "title": _("Abandoned Opportunity"),
                "description": _(
                    "If an opportunity with an expected revenue is not won in a week, remind the"
                    " customer, then schedule a call."
                ),
                "icon": icon % "abandoned_opportunity",
                "function": "_get_marketing_template_abandoned_opportunity_values",
            },
            "re_engagement": {
                "title": _("Re-engagement"),
                "description": _(
                    "Ask long-time subscribers whether they still read you. Thank those who do,"
                    " take the others off the list."
                ),
                "icon": icon % "re_engagement",
                "function": "_get_marketing_template_re_engagement_values",
            },
            "event_follow_up": {
                "title": _("Webinar or Event Follow-up"),
                "description": _(
                    "Tag contacts as attended or missed: both get the recording, each with words of"
                    " their own, then an offer."
                ),
                "icon": icon % "event_follow_up",
                "function": "_get_marketing_template_event_follow_up_values",
            },
            "ab_welcome": {
                "title": _("A/B Welcome"),
                "description": _(
                    "Try two welcome emails on new subscribers. The one with more clicks goes to"
                    " everybody from then on."
                ),
                "icon": icon % "ab_welcome",
                "function": "_get_marketing_template_ab_welcome_values",
            },
        }

    def _get_marketing_template_hot_contacts_values(self):
        _ = self.env._
        tag = self._get_template_tag("hot_contact", _("Hot Contact"), 1)
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
                *CREATED_LATELY,
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
                *CREATED_LATELY,
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
                *CREATED_LATELY,
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

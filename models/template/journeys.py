"""The workflows of the templates that steer: conditions, splits, waits, and ways that merge."""

from odoo import models

MODULE = "marketing_automation"


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _get_marketing_template_abandoned_opportunity_values(self):
        _ = self.env._
        self._check_template_target("crm.lead")
        won = [("stage_id.is_won", "=", True)]
        wait_for_answer = {
            "name": _("Wait for an answer"),
            "activity_type": "wait",
            "trigger_type": "activity",
            "wait_type": "event",
            "wait_event": "mail_reply",
            "wait_activity_id": "reminder",
            "wait_limit": True,
            "wait_limit_number": 4,
            "children": [
                {
                    "name": _("Call about the offer"),
                    "key": "call",
                    "branch": "met",
                    "server_action": self._get_template_action_call_about_offer(),
                    "children": [
                        {
                            "name": _("Set a high priority"),
                            "trigger_type": "activity_overdue",
                            "interval_number": 1,
                            "interval_type": "days",
                            # Very high is to stay.
                            "activity_domain": [("priority", "!=", "3")],
                            "server_action": self._get_template_action_high_priority(),
                        }
                    ],
                },
                {
                    "name": _("Is it won meanwhile?"),
                    "activity_type": "condition",
                    "branch": "timeout",
                    "branches": {"won": {"name": _("Won"), "domain": won}},
                    "children": [
                        {
                            "name": _("Thank for the order"),
                            "activity_type": "goto",
                            "branch": "won",
                            "goto_activity_id": "thanks",
                        },
                        {
                            "name": _("Call"),
                            "activity_type": "goto",
                            "branch": "otherwise",
                            "goto_activity_id": "call",
                        },
                    ],
                },
            ],
        }
        return {
            "name": _("Abandoned Opportunity"),
            "model": "crm.lead",
            # Who wins while it waits must still match; what was won before is no matter of it.
            "domain": [
                ("type", "=", "opportunity"),
                ("expected_revenue", ">", 0),
                ("email_from", "!=", False),
                ("is_blacklisted", "=", False),
                "|",
                ("date_closed", "=", False),
                ("date_closed", ">=", self._get_template_midnight()),
            ],
            "activities": [
                {
                    "name": _("Wait for the order"),
                    "activity_type": "wait",
                    "wait_type": "filter",
                    "wait_domain": won,
                    "wait_limit": True,
                    "wait_limit_number": 7,
                    "children": [
                        {
                            "name": _("Thank you"),
                            "key": "thanks",
                            "branch": "met",
                            "mailing": {
                                "subject": _("Thank you for your order"),
                                "preview": _("What happens next."),
                                "template": f"{MODULE}.mailing_body_offer_thanks",
                            },
                        },
                        {
                            "name": _("Reminder"),
                            "key": "reminder",
                            "branch": "timeout",
                            "mailing": {
                                "subject": _("Our offer: any open questions?"),
                                "preview": _("A short answer is all we need."),
                                "template": f"{MODULE}.mailing_body_offer_reminder",
                            },
                            "children": [wait_for_answer],
                        },
                    ],
                }
            ],
        }

    def _get_marketing_template_re_engagement_values(self):
        _ = self.env._
        newsletter = self._get_template_list("mass_mailing.mailing_list_data", _("Newsletter"))
        last_chance = {
            "name": _("Last question"),
            "key": "last",
            "branch": "otherwise",
            "mailing": {
                "subject": _("Shall we say goodbye?"),
                "preview": _("One click, and you stay on our list."),
                "template": f"{MODULE}.mailing_body_goodbye",
            },
            "children": [
                {
                    "name": _("Wait for the click"),
                    "activity_type": "wait",
                    "trigger_type": "activity",
                    "wait_type": "event",
                    "wait_event": "mail_click",
                    "wait_activity_id": "last",
                    "wait_limit": True,
                    "wait_limit_number": 2,
                    "wait_limit_type": "weeks",
                    "children": [
                        {
                            "name": _("Thank"),
                            "activity_type": "goto",
                            "branch": "met",
                            "goto_activity_id": "thanks",
                        },
                        {
                            "name": _("Remove from the newsletter"),
                            "branch": "timeout",
                            "server_action": self._get_template_action_remove_from_list(newsletter),
                        },
                    ],
                }
            ],
        }
        return {
            "name": _("Re-engagement"),
            "model": "mailing.contact",
            # Half a year is enough to know whether one reads something.
            "domain": [
                ("email", "!=", False),
                ("is_blacklisted", "=", False),
                ("list_ids", "in", newsletter.ids),
                ("create_date", "<", self._get_template_midnight(months=6)),
            ],
            "activities": [
                {
                    "name": _("First question"),
                    "key": "first",
                    "mailing": {
                        "subject": _("Is our newsletter still for you?"),
                        "preview": _("Tell us, it takes a moment."),
                        "template": f"{MODULE}.mailing_body_still_reading",
                    },
                    "children": [
                        {
                            "name": _("Blacklist the address"),
                            "trigger_type": "mail_bounce",
                            "server_action": self._get_template_action_blacklist(),
                        },
                        {
                            "name": _("Opened within a week?"),
                            "activity_type": "condition",
                            "trigger_type": "activity",
                            "interval_number": 1,
                            "interval_type": "weeks",
                            "branches": {
                                "opened": {
                                    "name": _("Opened"),
                                    "branch_type": "event",
                                    "event": "mail_open",
                                    "event_activity_id": "first",
                                }
                            },
                            "children": [
                                {
                                    "name": _("Thank you"),
                                    "key": "thanks",
                                    "branch": "opened",
                                    "mailing": {
                                        "subject": _("Good to have you on board"),
                                        "preview": _("What you can look forward to."),
                                        "template": f"{MODULE}.mailing_body_staying",
                                    },
                                },
                                last_chance,
                            ],
                        },
                    ],
                }
            ],
        }

    def _get_marketing_template_event_follow_up_values(self):
        _ = self.env._
        attended = self._get_template_tag("webinar_attended", _("Webinar: Attended"), 10)
        missed = self._get_template_tag("webinar_missed", _("Webinar: Missed"), 2)
        call = self._get_template_action_call_about_webinar()
        offer = {
            "name": _("Offer a talk"),
            "key": "offer",
            "trigger_type": "activity",
            "interval_number": 3,
            "interval_type": "days",
            "mailing": {
                "subject": _("Shall we look at your case together?"),
                "preview": _("Twenty minutes, free of charge."),
                "template": f"{MODULE}.mailing_body_webinar_offer",
            },
            "children": [
                {"name": _("Call"), "trigger_type": "mail_click", "server_action": call},
                {
                    "name": _("Call after the reply"),
                    "trigger_type": "mail_reply",
                    "server_action": call,
                },
            ],
        }
        text_message = {
            "name": _("Text message"),
            "trigger_type": "mail_not_open",
            "interval_number": 2,
            "interval_type": "days",
            "mailing": {
                "subject": _("Recording of the webinar"),
                "text": _(
                    "Hello {{ object.name }}, we missed you at our webinar. Here is the recording:"
                    " %(url)s",
                    url=self._get_template_website(),
                ),
            },
        }
        return {
            "name": _("Webinar or Event Follow-up"),
            "model": "res.partner",
            # Who has signed up is taken in once it is known whether they came.
            "domain": [
                ("category_id", "in", (attended | missed).ids),
                ("email", "!=", False),
                ("is_blacklisted", "=", False),
            ],
            "activities": [
                {
                    "name": _("Wait for the morning"),
                    "activity_type": "wait",
                    "wait_type": "time",
                    "time_of_day": 10,
                    "children": [
                        {
                            "name": _("Attended?"),
                            "activity_type": "condition",
                            "branch": "met",
                            "branches": {
                                "attended": {
                                    "name": _("Attended"),
                                    "domain": [("category_id", "in", attended.ids)],
                                }
                            },
                            "children": [
                                {
                                    "name": _("Thank you for coming"),
                                    "branch": "attended",
                                    "mailing": {
                                        "subject": _("Thank you for coming"),
                                        "preview": _("The recording and the slides."),
                                        "template": f"{MODULE}.mailing_body_webinar_thanks",
                                    },
                                    "children": [offer],
                                },
                                {
                                    "name": _("We missed you"),
                                    "branch": "otherwise",
                                    "mailing": {
                                        "subject": _("We missed you: here is the recording"),
                                        "preview": _("See it when it suits you."),
                                        "template": f"{MODULE}.mailing_body_webinar_missed",
                                    },
                                    "children": [
                                        text_message,
                                        {
                                            "name": _("Go on with the offer"),
                                            "activity_type": "goto",
                                            "trigger_type": "activity",
                                            "goto_activity_id": "offer",
                                        },
                                    ],
                                },
                            ],
                        }
                    ],
                }
            ],
        }

    def _get_marketing_template_ab_welcome_values(self):
        _ = self.env._
        tag = self._get_template_tag("hot_contact", _("Hot Contact"), 1)
        bounced = {
            "name": _("Blacklist the address"),
            "trigger_type": "mail_bounce",
            "server_action": self._get_template_action_blacklist(),
        }
        interests = {
            "name": _("Ask for interests"),
            "key": "interests",
            "trigger_type": "activity",
            "interval_number": 4,
            "interval_type": "days",
            "mailing": {
                "subject": _("What would you like to read about?"),
                "preview": _("So that we write what is of use to you."),
                "template": f"{MODULE}.mailing_body_interests",
            },
            "children": [
                {
                    "name": _("Tag as hot contact"),
                    "trigger_type": "mail_click",
                    "server_action": self._get_template_action_add(
                        f"{MODULE}.server_action_tag_hot_reader",
                        _("Tag as hot contact"),
                        "mailing.contact",
                        "tag_ids",
                        tag,
                    ),
                }
            ],
        }
        return {
            "name": _("A/B Welcome"),
            "model": "mailing.contact",
            # Those who have subscribed before would wonder about a welcome.
            "domain": [
                ("email", "!=", False),
                ("is_blacklisted", "=", False),
                ("create_date", ">=", self._get_template_midnight()),
            ],
            "activities": [
                {
                    "name": _("Which welcome is better?"),
                    "activity_type": "split",
                    "split_winner": "click",
                    "split_winner_after_number": 3,
                    "split_winner_min_runs": 200,
                    "split_fallback": "best",
                    "branches": {
                        "people": {"name": _("A: who we are"), "branch_type": "random"},
                        "benefits": {"name": _("B: what you get"), "branch_type": "random"},
                    },
                    "children": [
                        {
                            "name": _("Welcome A"),
                            "branch": "people",
                            "mailing": {
                                "subject": _(
                                    "Hello from %(company)s", company=self.env.company.name
                                ),
                                "preview": _("The people who write to you."),
                                "template": f"{MODULE}.mailing_body_welcome_people",
                            },
                            "children": [bounced, interests],
                        },
                        {
                            "name": _("Welcome B"),
                            "branch": "benefits",
                            "mailing": {
                                "subject": _("Three things that you get from now on"),
                                "preview": _("And the first one right away."),
                                "template": f"{MODULE}.mailing_body_welcome_benefits",
                            },
                            "children": [
                                bounced,
                                {
                                    "name": _("Go on together"),
                                    "activity_type": "goto",
                                    "trigger_type": "activity",
                                    "goto_activity_id": "interests",
                                },
                            ],
                        },
                    ],
                }
            ],
        }

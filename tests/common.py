"""Shared parts of the tests: a responsible, contacts, campaigns and their workflows.

Mix :class:`MarketingAutomationMixin` into a ``TransactionCase`` or ``HttpCase``, or
use :class:`MarketingAutomationCase`.
"""

import re
from contextlib import contextmanager

from odoo import Command, fields
from odoo.tests import TransactionCase

from odoo.addons.link_tracker.tests.common import MockLinkTracker
from odoo.addons.mail.tests.common import freeze_all_time, mail_new_test_user
from odoo.addons.mass_mailing_sms.tests.common import MassSMSCommon

USER_GROUPS = (
    "base.group_user",
    "base.group_partner_manager",
    "marketing_automation.group_marketing_automation_user",
)
EMAIL_BODY = """<div><p>Hello <t t-out="object.name"/></p>
<a href="https://www.example.com/offer">Offer</a></div>"""
SMS_BODY = "Hello {{ object.name }}, see https://www.example.com/offer"


class MarketingAutomationMixin(MockLinkTracker):
    """What a test of campaigns needs; ``MockLinkTracker`` keeps page titles off the net."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What the database has, such as what a test has left that was cut off, is not looked at.
        cls.env.cr.execute(
            "UPDATE marketing_campaign SET state = 'stopped' WHERE state = 'running'"
        )
        cls.env.invalidate_all()
        cls.responsible = mail_new_test_user(
            cls.env,
            login="marketer",
            name="Marketer",
            email="marketer@example.com",
            groups=",".join(USER_GROUPS),
            tz="UTC",
        )

    # ------------------------------------------------------------
    # Set up
    # ------------------------------------------------------------

    @classmethod
    def create_contacts(cls, count, **vals):
        """Create contacts with an address and a mobile-like phone number of their own.

        :param vals: values for all; strings may hold ``{i}``, the contact's number
        """
        defaults = {
            "name": "Contact {i}",
            "email": "contact{i}@example.com",
            "phone": "+3245611{i:04d}",
        }
        values = {**defaults, **vals}
        return cls.env["res.partner"].create(
            [
                {
                    name: value.format(i=i) if isinstance(value, str) else value
                    for name, value in values.items()
                }
                for i in range(count)
            ]
        )

    @classmethod
    def create_campaign(cls, records=None, **vals):
        """Create a campaign for contacts.

        :param records: the audience, where no ``domain`` is given
        """
        if records is not None:
            vals.setdefault("domain", str([("id", "in", records.ids)]))
        return cls.env["marketing.campaign"].create(
            {
                "name": "Campaign",
                "user_id": cls.responsible.id,
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                **vals,
            }
        )

    @classmethod
    def create_mailing(cls, campaign, mailing_type="mail", **vals):
        """Create a mailing as an activity of the campaign sends it."""
        if mailing_type == "sms":
            content = {"body_plaintext": SMS_BODY}
        else:
            content = {"body_html": EMAIL_BODY}
        return cls.env["mailing.mailing"].create(
            {
                "subject": f"{mailing_type} of {campaign.name}",
                "mailing_type": mailing_type,
                "mailing_model_id": campaign.model_id.id,
                "use_in_marketing_automation": True,
                "user_id": campaign.user_id.id,
                "email_from": campaign.user_id.email_formatted,
                **content,
                **vals,
            }
        )

    @classmethod
    def create_server_action(cls, code="record.write({'function': 'Touched'})", **vals):
        """Create a server action on contacts that runs the code."""
        return cls.env["ir.actions.server"].create(
            {
                "name": "Server action",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": code,
                **vals,
            }
        )

    @classmethod
    def create_calendar(cls, hours=((9, 17),), days=range(5), **vals):
        """A schedule with these hours on these days of each week."""
        return cls.env["resource.calendar"].create(
            {
                "name": "Office hours",
                "company_id": False,
                "tz": "UTC",
                "attendance_ids": [
                    Command.create(
                        {"name": "Open", "dayofweek": str(day), "hour_from": begin, "hour_to": end}
                    )
                    for day in days
                    for begin, end in hours
                ],
                **vals,
            }
        )

    @classmethod
    def create_activity(
        cls, campaign, activity_type="email", trigger=None, delay="1 hours", **vals
    ):
        """Create an activity, with a mailing or a server action made for it if none is given.

        :param trigger: trigger type; by default "activity" under a parent, else "begin"
        :param delay: number and unit, e.g. ``"2 days"``
        """
        number, unit = delay.split()
        if trigger is None:
            trigger = "activity" if vals.get("parent_id") else "begin"
        if activity_type == "action":
            vals["server_action_id"] = vals.get("server_action_id") or cls.create_server_action().id
        elif activity_type in ("email", "sms") and "mass_mailing_id" not in vals:
            mailing_type = "sms" if activity_type == "sms" else "mail"
            vals["mass_mailing_id"] = cls.create_mailing(campaign, mailing_type).id
        return cls.env["marketing.activity"].create(
            {
                "name": f"{activity_type} {trigger}",
                "campaign_id": campaign.id,
                "activity_type": activity_type,
                "trigger_type": trigger,
                "interval_number": int(number),
                "interval_type": unit,
                **vals,
            }
        )

    # ------------------------------------------------------------
    # Run
    # ------------------------------------------------------------

    @contextmanager
    def at(self, moment):
        """Freeze Python's and the database cursor's clocks.

        :param moment: naive UTC datetime, or its text: ``"2025-03-01 09:00:00"``
        """
        with freeze_all_time(fields.Datetime.to_datetime(moment)):
            yield

    def run_cron(self, name):
        """Run a scheduled job as the server does, commits included (in a test transaction).

        :param name: XML id, of this addon where no other is named
        """
        if "." not in name:
            name = f"marketing_automation.{name}"
        job = self.env.ref(name)
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(job.failure_count, f"The job {name} failed; its error is in the log.")

    def run_jobs(self):
        """Enrol, then execute what is due."""
        self.run_cron("ir_cron_campaign_sync_participants")
        self.run_cron("ir_cron_campaign_execute_activities")

    def hand_over(self, campaign):
        """The mail server, and the provider of text messages, take all that is queued."""
        queued = campaign.marketing_activity_ids.trace_ids.mailing_trace_ids.filtered(
            lambda message: message.trace_status == "outgoing"
        )
        queued.set_sent()
        self.env.flush_all()
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # Look
    # ------------------------------------------------------------

    def participant_of(self, campaign, record):
        """The record's participant that is not a test, if any."""
        return campaign.participant_ids.filtered(
            lambda participant: participant.res_id == record.id and not participant.is_test
        )

    def trace_of(self, activity, record):
        """The record's trace for the activity that is not a test, if any."""
        return self.env["marketing.trace"].search(
            [
                ("activity_id", "=", activity.id),
                ("res_id", "=", record.id),
                ("is_test", "=", False),
            ]
        )


class MarketingAutomationCase(MarketingAutomationMixin, TransactionCase):
    """A campaign's test without a web server."""


class MessagingCase(MarketingAutomationMixin, MassSMSCommon):
    """Messages really go through the queues of Odoo, up to the mocked gateways, and
    their links are real requests."""

    def start(self, campaign):
        """Start a campaign, enrol and execute what is due at once."""
        campaign.action_start_campaign()
        self.run_jobs()

    def send_mails(self):
        """Let senders and mail queue do their work; ``self._mails`` has what was sent of
        mailings."""
        with self.mock_mail_gateway():
            self.mail_unlink_sent = True
            self.run_cron("ir_cron_send_emails")
            self.run_cron("mail.ir_cron_mail_scheduler_action")
        self._mails = [mail for mail in self._mails if "/mail/track/" in mail["body"]]

    def send_sms(self, **gateway):
        """Let senders and the SMS queue do their work; ``self._sms`` has what was sent.

        :param gateway: behaviour of the provider, see ``mockSMSGateway``
        """
        with self.mockSMSGateway(sms_allow_unlink=True, **gateway):
            self.run_cron("ir_cron_send_texts")
            self.run_cron("sms.ir_cron_sms_scheduler_action")

    def mail_to(self, record):
        """The one email that was sent to the record's address."""
        found = [mail for mail in self._mails if record.email_normalized in mail["email_to"][0]]
        self.assertEqual(len(found), 1, f"Emails to {record.email}")
        return found[0]

    def links_of(self, text):
        """Paths of the tracked links in a message."""
        return re.findall(r"https?://[^/]+(/r/\w+/[ms]/\d+\?k=\w+)", str(text))

    def visit(self, path, **headers):
        """A person with a browser opens an address of this server."""
        agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0"}
        response = self.url_open(path, headers={**agent, **headers}, allow_redirects=False)
        self.env.invalidate_all()
        return response

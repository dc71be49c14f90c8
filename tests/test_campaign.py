"""The life of a campaign as its owner sees it."""

import base64
import re

from markupsafe import Markup

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import MarketingAutomationCase, MessagingCase


@tagged("post_install", "-at_install")
class TestCampaign(MarketingAutomationCase):
    """Copy, archive, delete, and the ties with UTM."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(3)
        cls.campaign = cls.create_campaign(cls.contacts)

    def create_workflow(self):
        mail = self.create_activity(self.campaign, delay="0 hours", name="Mail")
        sms = self.create_activity(
            self.campaign, "sms", "mail_not_open", "2 days", parent_id=mail.id, name="SMS"
        )
        action = self.create_activity(
            self.campaign, "action", "sms_click", "0 hours", parent_id=sms.id, name="Action"
        )
        return mail, sms, action

    def test_copy(self):
        mail, sms, action = self.create_workflow()
        attachment = self.env["ir.attachment"].create(
            {"name": "Offer.txt", "datas": base64.b64encode(b"Half the price")}
        )
        mail.mass_mailing_id.attachment_ids = [Command.link(attachment.id)]
        image = self.env["ir.attachment"].create(
            {
                "name": "Logo",
                "res_model": "mailing.mailing",
                "res_id": mail.mass_mailing_id.id,
                "raw": b"Logo",
                "access_token": "secret",
            }
        )
        logo = f"/web/image/{image.id}?access_token=secret"
        mail.mass_mailing_id.body_html += Markup('<img src="{}">').format(logo)
        self.campaign.action_start_campaign()
        self.run_jobs()
        copy = self.campaign.copy()
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.participant_ids)
        self.assertNotEqual(copy.utm_campaign_id, self.campaign.utm_campaign_id)
        self.assertNotEqual(copy.name, self.campaign.name)
        self.assertEqual(
            (copy.domain, copy.model_id), (self.campaign.domain, self.campaign.model_id)
        )
        new = {activity.name: activity for activity in copy.marketing_activity_ids}
        self.assertEqual(set(new), {"Mail", "SMS", "Action"})
        self.assertEqual(new["SMS"].parent_id, new["Mail"])
        self.assertEqual(new["Action"].parent_id, new["SMS"])
        for original in (mail, sms, action):
            duplicate = new[original.name]
            for name in ("trigger_type", "interval_number", "interval_type", "activity_type"):
                self.assertEqual(duplicate[name], original[name])
        self.assertEqual(new["Action"].server_action_id, action.server_action_id)
        for original in (mail, sms):
            own, source = new[original.name].mass_mailing_id, original.mass_mailing_id
            self.assertTrue(own)
            self.assertNotEqual(own, source)
            self.assertEqual(own.subject, source.subject)
            self.assertTrue(own.use_in_marketing_automation)
            self.assertEqual(own.campaign_id, copy.utm_campaign_id)
            self.assertEqual(own.mailing_model_id, source.mailing_model_id)
        # Each mailing keeps files of its own.
        copied = new["Mail"].mass_mailing_id.attachment_ids
        self.assertEqual(copied.raw, b"Half the price")
        self.assertEqual(mail.mass_mailing_id.attachment_ids, attachment)
        self.assertEqual(attachment.res_id, mail.mass_mailing_id.id)
        self.assertIn("Hello", new["Mail"].mass_mailing_id.body_html)
        self.assertNotIn(f"/web/image/{image.id}?", new["Mail"].mass_mailing_id.body_html)
        [(image_id, token)] = re.findall(
            r"/web/image/(\d+)\?access_token=([\w-]+)", new["Mail"].mass_mailing_id.body_html
        )
        copied_image = self.env["ir.attachment"].browse(int(image_id))
        self.assertEqual((copied_image.raw, copied_image.access_token), (b"Logo", token))
        self.assertNotEqual(token, "secret")
        self.assertIn(logo, mail.mass_mailing_id.body_html)
        copy.action_start_campaign()
        self.assertEqual(copy.state, "running")

    def test_copy_as_a_marketer(self):
        self.create_workflow()
        copy = self.campaign.with_user(self.responsible).copy()
        self.assertEqual(len(copy.marketing_activity_ids), 3)

    def test_archive_stops(self):
        activity = self.create_activity(self.campaign, "action", delay="0 hours")
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.campaign.action_archive()
        self.assertEqual(self.campaign.state, "stopped")
        self.run_jobs()
        self.assertEqual(set(activity.trace_ids.mapped("state")), {"scheduled"})
        self.campaign.action_unarchive()
        self.assertEqual(self.campaign.state, "stopped")

    def test_archived_campaign_cannot_run(self):
        self.create_activity(self.campaign, "action")
        self.campaign.active = False
        with self.assertRaisesRegex(UserError, "Restore the campaign"):
            self.campaign.action_start_campaign()

    def test_delete(self):
        mail, _sms, _action = self.create_workflow()
        self.campaign.action_start_campaign()
        self.run_jobs()
        mailing = mail.mass_mailing_id
        participants, traces = (
            self.campaign.participant_ids,
            self.campaign.participant_ids.trace_ids,
        )
        with self.assertRaisesRegex(UserError, "Stop campaign"):
            self.campaign.unlink()
        self.campaign.action_stop_campaign()
        self.campaign.unlink()
        self.assertFalse(participants.exists() or traces.exists() or mail.exists())
        # What was sent stays counted.
        self.assertEqual(len(mailing.mailing_trace_ids), 3)

    def test_utm_campaign_cannot_be_deleted_below_it(self):
        with self.assertRaisesRegex(UserError, "delete that one first"):
            self.campaign.utm_campaign_id.unlink()

    def test_names(self):
        same = self.create_campaign(name="Campaign")
        self.assertNotEqual(same.name, self.campaign.name)
        self.campaign.name = "Spring"
        self.assertEqual(self.campaign.name, "Spring")
        self.assertEqual(self.campaign.utm_campaign_id.name, "Spring")

    def test_target_cannot_change_below_activities(self):
        model = self.env["ir.model"]._get_id("mailing.contact")
        self.campaign.model_id = model
        self.campaign.model_id = self.env["ir.model"]._get_id("res.partner")
        activity = self.create_activity(self.campaign, "action")
        with self.assertRaisesRegex(UserError, "cannot change while it has steps"):
            self.campaign.model_id = model
        activity.unlink()
        self.campaign.model_id = model

    def test_first_campaign_of_a_target(self):
        """All processes forget that there is none; with it they forget all else, so not again."""
        campaigns, forgotten = self.env["marketing.campaign"], self.env.registry.cache_invalidated
        for name, begin in (
            ("crm.lead", lambda model: self.create_campaign(model_id=model.id)),
            ("mailing.contact", lambda model: self.campaign.write({"model_id": model.id})),
        ):
            with self.subTest(name):
                model = self.env["ir.model"]._get(name)
                self.assertFalse(campaigns._is_target(name))
                begin(model)
                self.assertTrue(campaigns._is_target(name))
                self.assertIn("default", forgotten)
                forgotten.clear()
                self.create_campaign(model_id=model.id)
                self.assertNotIn("default", forgotten)

    def test_other_target_in_the_form(self):
        form = Form(self.env["marketing.campaign"])
        form.name = "New"
        form.model_id = self.env["ir.model"]._get("crm.lead")
        campaign = form.save()
        self.assertEqual(campaign.unique_field_id.name, "email_from")
        self.assertEqual(campaign.domain, "[]")

    def test_favorite_filter(self):
        favorite = self.env["mailing.filter"].create(
            {
                "name": "Buyers",
                "mailing_model_id": self.campaign.model_id.id,
                "mailing_domain": "[('function', '=', 'Buyer')]",
            }
        )
        self.campaign.mailing_filter_id = favorite
        self.assertEqual(self.campaign.domain, favorite.mailing_domain)
        self.assertEqual(self.campaign.mailing_filter_count, 1)

    def test_counts(self):
        mail = self.create_activity(self.campaign, delay="0 hours")
        self.create_activity(self.campaign, "action", "mail_open", "1 days", parent_id=mail.id)
        self.contacts[0].email = False
        done = self.create_activity(
            self.campaign, "action", delay="0 hours", activity_domain="[('email', '!=', False)]"
        )
        self.campaign.action_start_campaign()
        self.run_jobs()
        events = {1: ["mail_click"], 2: ["mail_open", "mail_reply", "mail_bounce"]}
        for index, names in events.items():
            for name in names:
                self.trace_of(mail, self.contacts[index]).process_event(name)
        self.env.invalidate_all()
        self.assertEqual(self.campaign.total_participant_count, 3)
        self.assertEqual(self.campaign.running_participant_count, 1)
        self.assertEqual(self.campaign.completed_participant_count, 2)
        self.assertEqual(self.campaign.test_participant_count, 0)
        self.assertEqual(self.campaign.mass_mailing_count, 1)
        self.assertEqual((done.processed, done.rejected), (2, 1))
        self.assertEqual(
            (
                mail.processed,
                mail.total_open,
                mail.total_click,
                mail.total_reply,
                mail.total_bounce,
            ),
            (2, 2, 1, 1, 1),
        )
        self.contacts[1].unlink()
        self.env.invalidate_all()
        self.assertEqual(self.campaign.total_participant_count, 3)
        self.assertEqual((mail.processed, mail.total_click), (2, 1))


@tagged("post_install", "-at_install")
class TestAttribution(MessagingCase):
    """What comes out of a campaign is attributed to it."""

    def test_lead_that_a_reply_makes(self):
        contact = self.create_contacts(1)
        campaign = self.create_campaign(contact)
        activity = self.create_activity(campaign, delay="0 hours")
        activity.mass_mailing_id.write(
            {"reply_to_mode": "new", "reply_to": f"sales@{self.alias_domain}"}
        )
        self.env["crm.team"].create(
            {"name": "Sales", "alias_name": "sales", "alias_domain_id": self.mail_alias_domain.id}
        )
        self.start(campaign)
        self.send_mails()
        mail = self.mail_to(contact)
        self.env["mail.thread"].message_process(
            "crm.lead",
            f"From: {contact.email}\nTo: sales@{self.alias_domain}\nSubject: I want it\n"
            f"Message-ID: <want@example.com>\nReferences: {mail['message_id']}\n\nYes.\n",
        )
        lead = self.env["crm.lead"].search([("name", "=", "I want it")])
        self.assertEqual(lead.campaign_id, campaign.utm_campaign_id)
        self.assertTrue(self.trace_of(activity, contact).reply_datetime)

    def test_links_carry_the_campaign(self):
        contact = self.create_contacts(1)
        campaign = self.create_campaign(contact, name="Spring")
        self.create_activity(campaign, delay="0 hours")
        self.start(campaign)
        self.send_mails()
        [link] = self.links_of(self.mail_to(contact)["body"])
        self.assertIn("utm_campaign=Spring", self.visit(link).headers["Location"])
        click = self.env["link.tracker.click"].search([], order="id desc", limit=1)
        self.assertEqual(click.campaign_id, campaign.utm_campaign_id)

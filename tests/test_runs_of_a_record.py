"""Several runs of one record beside each other: nothing takes a record for its run."""

import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger

from ..tools.admission import Wanted
from .common import MessagingCase
from .mail_reports import BOUNCES

BODY = """<div><p>About <t t-out="source.name">you</t></p>
<a href="https://www.example.com/offer">Offer</a> <a href="/view">View</a></div>"""
RUN_LOGGER = "odoo.addons.marketing_automation.models.engine.run"
RENDER_LOGGER = "odoo.addons.mail.models.mail_render_mixin"


class RunsCase(MessagingCase):
    """One contact is in a campaign twice, for two orders (contacts play them), and once without."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.create_contacts(1, name="Ann")
        cls.orders = cls.env["res.partner"].create([{"name": "Order A"}, {"name": "Order B"}])
        cls.campaign = cls.create_campaign(cls.contact, unique_field_id=False)
        cls.mailing = cls.create_mailing(
            cls.campaign, body_html=BODY, subject="About {{ source.name |||you}}"
        )

    def add_step(self, *args, **vals):
        return self.create_activity(self.campaign, *args, delay="0 hours", **vals)

    def begin(self, sources=None):
        """Let a run begin for each of these sources, and run what is due.

        :param sources: records, False for a run without one
        """
        sources = [*self.orders, False] if sources is None else sources
        self.campaign.state = "running"
        runs = (
            self.env["marketing.participant"]
            .sudo()
            .create(
                [
                    {
                        "campaign_id": self.campaign.id,
                        "res_id": self.contact.id,
                        "entry_key": f"key {number}",
                        "source": source and f"{source._name},{source.id}",
                    }
                    for number, source in enumerate(sources)
                ]
            )
        )
        self.run_cron("ir_cron_campaign_execute_activities")
        return runs

    def messages_of(self, run):
        return run.trace_ids.mailing_trace_ids


@tagged("post_install", "-at_install")
class TestMessagesOfRuns(RunsCase):
    """Each run gets messages of its own, about its own source."""

    def test_emails(self):
        self.add_step(mass_mailing_id=self.mailing.id)
        runs = self.begin()
        self.assertEqual(runs.trace_ids.mapped("state"), ["processed"] * 3)
        mails = [self.messages_of(run).mail_mail_id for run in runs]
        self.assertEqual(
            [mail.subject for mail in mails], ["About Order A", "About Order B", "About you"]
        )
        for mail, name in zip(mails, ["Order A", "Order B", "you"], strict=True):
            self.assertIn(f"About {name}", mail.body_html)

    def test_texts(self):
        text = self.create_mailing(
            self.campaign, "sms", body_plaintext="About {{ source.name |||you}}"
        )
        self.add_step("sms", mass_mailing_id=text.id)
        runs = self.begin()
        self.assertEqual(
            [self.messages_of(run).sms_id.body for run in runs],
            ["About Order A", "About Order B", "About you"],
        )

    def test_conditions_and_lines(self):
        self.mailing.body_html = """<div><p t-if="source">For <t t-out="source.name"/></p>
            <p t-foreach="source.child_ids" t-as="line"><t t-out="line.name"/></p></div>"""
        self.orders[0].child_ids = self.create_contacts(1, name="Line")
        self.add_step(mass_mailing_id=self.mailing.id)
        first, second, none = self.begin()
        self.assertIn("Line", self.messages_of(first).mail_mail_id.body_html)
        self.assertNotIn("Line", self.messages_of(second).mail_mail_id.body_html)
        self.assertNotIn("For", self.messages_of(none).mail_mail_id.body_html)

    def test_source_that_is_gone(self):
        self.add_step(mass_mailing_id=self.mailing.id)
        order = self.orders[0].copy()
        self.campaign.state = "running"
        self.env.flush_all()
        order.unlink()
        [run] = self.begin([order])
        self.assertEqual(self.messages_of(run).mail_mail_id.subject, "About you")

    def test_source_that_the_responsible_may_not_read(self):
        lead = self.env["crm.lead"].create({"name": "Secret"})
        self.add_step(mass_mailing_id=self.mailing.id)
        with mute_logger(RUN_LOGGER, RENDER_LOGGER):
            hidden, plain = self.begin([lead, False])
        self.assertEqual(hidden.trace_ids.state, "error")
        self.assertNotIn("Secret", hidden.trace_ids.state_detail)
        self.assertEqual(plain.trace_ids.state, "processed")

    def test_preview(self):
        """Without a run there is no source, and no error."""
        subject = self.mailing._render_field("subject", self.contact.ids)
        self.assertEqual(subject, {self.contact.id: "About you"})
        self.assertIn(
            "About you", self.mailing._render_field("body_html", self.contact.ids)[self.contact.id]
        )

    def test_text_in_a_source_is_no_code(self):
        self.orders[0].name = "{{ object.email }}<t t-out='object.email'/>"
        self.add_step(mass_mailing_id=self.mailing.id)
        first, *_others = self.begin()
        self.assertNotIn(self.contact.email, self.messages_of(first).mail_mail_id.body_html)


@tagged("post_install", "-at_install")
class TestActionsOfRuns(RunsCase):
    """Server actions know the source of the run."""

    def run_action(self, **vals):
        action = self.create_server_action(**vals)
        return self.begin() if self.add_step("action", server_action_id=action.id) else None

    def test_code(self):
        self.run_action(code="record.message_post(body='For %s' % (source and source.name))")
        bodies = [str(body) for body in self.contact.message_ids.mapped("body")]
        for name in ("Order A", "Order B", "None"):
            self.assertEqual(sum(f"For {name}" in body for body in bodies), 1, name)

    def test_formula(self):
        self.run_action(
            state="object_write",
            update_path="comment",
            evaluation_type="equation",
            value="(record.comment or '') + (source.name if source else 'None')",
        )
        for name in ("Order A", "Order B", "None"):
            self.assertIn(name, self.contact.comment)

    def test_formula_of_many(self):
        """Runs of one batch that have other sources, or none."""
        others = self.create_contacts(4)
        self.contact |= others
        self.campaign.domain = [("id", "in", self.contact.ids)]
        action = self.create_server_action(
            state="object_write",
            update_path="function",
            evaluation_type="equation",
            value="source.name if source else 'None'",
        )
        self.add_step("action", server_action_id=action.id)
        self.campaign.state = "running"
        sources = [self.orders[0], self.orders[1], False, self.orders[0]]
        self.env["marketing.participant"].sudo().create(
            [
                {
                    "campaign_id": self.campaign.id,
                    "res_id": contact.id,
                    "source": source and f"res.partner,{source.id}",
                }
                for contact, source in zip(others, sources, strict=True)
            ]
        )
        self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(others.mapped("function"), ["Order A", "Order B", "None", "Order A"])

    def test_email_of_an_action(self):
        template = self.env["mail.template"].create(
            {
                "name": "Template",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "About {{ source.name |||you}}",
                "body_html": "<p>Hello</p>",
                "email_to": "{{ object.email }}",
            }
        )
        self.run_action(state="mail_post", mail_post_method="email", template_id=template.id)
        mails = self.env["mail.mail"].search([("subject", "=like", "About%")])
        self.assertEqual(
            sorted(mails.mapped("subject")), ["About Order A", "About Order B", "About you"]
        )

    def test_elsewhere(self):
        """The same action in a list has no source."""
        action = self.create_server_action(code="record.write({'function': str(source)})")
        action.with_context(
            active_model="res.partner", active_id=self.contact.id, active_ids=self.contact.ids
        ).run()
        self.assertEqual(self.contact.function, "None")


@tagged("post_install", "-at_install")
class TestVisitorsOfRuns(RunsCase, HttpCase):
    """What is done with the message of one run is of that run alone."""

    def setUp(self):
        super().setUp()
        self.mailing.body_html = BODY
        self.step = self.add_step(mass_mailing_id=self.mailing.id)
        self.clicked = self.add_step("action", trigger="mail_click", parent_id=self.step.id)
        self.wait = self.add_step(
            "wait",
            parent_id=self.step.id,
            wait_type="event",
            wait_event="mail_click",
            wait_activity_id=self.step.id,
        )
        self.first, self.second, self.none = self.begin()
        self.send_mails()
        self.mails = {
            run: next(mail for mail in self._mails if f"About {name}" in mail["body"])
            for run, name in zip(
                (self.first, self.second, self.none), ("Order A", "Order B", "you"), strict=True
            )
        }

    def page_of(self, run, page):
        address = rf'href="https?://[^/]+(/mailing/\d+/{page}\?[^"]+)"'
        [link] = re.findall(address, self.mails[run]["body"])
        return link.replace("&amp;", "&")

    def state_of(self, run, step):
        return run.trace_ids.filtered(lambda trace: trace.activity_id == step).mapped("state")

    def test_click(self):
        self.visit(self.links_of(self.mails[self.second]["body"])[0])
        self.messages_of(self.second).write({"sent_datetime": "2020-01-01"})
        self.env["marketing.trace"]._release_held(SQL("TRUE"))
        self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(self.state_of(self.second, self.clicked), ["processed"])
        self.assertEqual(self.state_of(self.second, self.wait), ["processed"])
        for other in (self.first, self.none):
            self.assertEqual(self.state_of(other, self.clicked), ["scheduled"])
            self.assertEqual(self.state_of(other, self.wait), ["scheduled"])
            self.assertFalse(self.messages_of(other).links_click_datetime)

    def test_page_in_browser(self):
        """It says what the message said."""
        for run, name in ((self.first, "Order A"), (self.second, "Order B"), (self.none, "you")):
            self.assertIn(f"About {name}", self.visit(self.page_of(run, "view")).text)

    def test_page_of_another_message(self):
        """The number in the address leads to no message to somebody else."""
        other = self.create_contacts(1, name="Bob", email="bob@example.com")
        message = self.messages_of(self.first)
        message.marketing_trace_id.participant_id.sudo().res_id = other.id
        address = self.page_of(self.second, "view")
        changed = re.sub(r"message=\d+", f"message={message.id}", address)
        self.assertNotEqual(address, changed)
        self.assertNotIn("Order A", self.visit(changed).text)

    def test_scanner(self):
        """A scanner of one message undoes no click on another one."""
        self.visit(self.links_of(self.mails[self.first]["body"])[0])
        second = self.mails[self.second]["body"]
        self.visit(self.page_of(self.second, "view"))
        self.visit(self.links_of(second)[0])
        self.assertTrue(self.messages_of(self.first).links_click_datetime)
        self.assertFalse(self.messages_of(self.second).links_click_datetime)

    def test_reply(self):
        replied = self.messages_of(self.second)
        message = f"""From: {self.contact.email}
To: {self.responsible.email}
Subject: Re: About
Message-Id: <reply@example.com>
In-Reply-To: {replied.message_id}

Yes"""
        self.env["mail.thread"].message_process("res.partner", message)
        self.assertEqual(replied.trace_status, "reply")
        self.assertTrue(replied.marketing_trace_id.reply_datetime)
        for other in (self.first, self.none):
            self.assertFalse(self.messages_of(other).marketing_trace_id.reply_datetime)

    def test_open(self):
        [pixel] = re.findall(r"https?://[^/]+(/mail/track/[^\"]+)", self.mails[self.second]["body"])
        self.visit(pixel)
        self.assertTrue(self.messages_of(self.second).marketing_trace_id.open_datetime)
        for other in (self.first, self.none):
            self.assertFalse(self.messages_of(other).marketing_trace_id.open_datetime)

    def test_bounce(self):
        bounced = self.messages_of(self.second)
        report = BOUNCES["Postfix"].format(
            email=self.contact.email,
            message_id=bounced.message_id,
            sender=self.responsible.email,
            bounce="bounce@example.com",
            token="1",
        )
        self.env["mail.thread"].message_process("res.partner", report)
        self.assertEqual(bounced.trace_status, "bounce")
        for other in (self.first, self.none):
            self.assertEqual(self.messages_of(other).trace_status, "sent")

    def test_journey(self):
        """Each has a journey of its own."""
        for run in (self.first, self.second):
            entry = run.get_journey()["traces"][str(self.step.id)]
            self.assertEqual(entry["id"], self.messages_of(run).marketing_trace_id.id)

    def test_unsubscribing(self):
        """Who does not want more gets nothing more of any run."""
        later = self.create_activity(self.campaign, parent_id=self.step.id)
        self.campaign.action_update_participants()
        self.env["mail.blacklist"]._add(self.contact.email)
        later_traces = later.trace_ids
        self.assertEqual(len(later_traces), 3)
        later_traces.action_execute()
        self.assertEqual(later_traces.mapped("state_reason"), ["mail_bl"] * 3)

    def test_test_run(self):
        """A test of the campaign with the same record touches no run, and has no source."""
        before = self.env["marketing.trace"].search([("campaign_id", "=", self.campaign.id)])
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contact.id}
        )
        test = self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])
        states = before.mapped("state")
        test.trace_ids.filtered(lambda trace: trace.activity_id == self.step).action_execute()
        self.assertIn("About you", self.messages_of(test).mail_mail_id.body_html)
        self.assertEqual(before.mapped("state"), states)


@tagged("post_install", "-at_install")
class TestSourceOfRuns(RunsCase):
    """The page of a run says what it is about, to those who may read that."""

    def setUp(self):
        super().setUp()
        self.add_step("action")

    def test_page(self):
        first, second, none = self.begin()
        self.assertEqual(first.source_ref, f"res.partner,{self.orders[0].id}")
        self.assertEqual(first.run_text, "Order A")
        second.run_number = 2
        self.assertEqual(second.run_text, "Run 2, Order B")
        self.assertFalse(none.source_ref)
        self.assertEqual(none.run_text, "key 2")
        action = second.action_open_source()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("res.partner", self.orders[1].id)
        )
        none.entry_key = " 2"
        self.assertFalse(none.run_text)

    def test_who_may_not_read_it(self):
        lead = self.env["crm.lead"].create({"name": "Secret"})
        [run] = self.begin([lead])
        reference = f"crm.lead,{lead.id}"
        self.assertEqual(run.source_ref, reference)
        self.assertEqual(run.search([("source_ref", "=", reference)]), run)
        run = run.with_user(self.responsible)
        self.assertEqual(
            run.read(["source_ref", "source_record", "run_text"]),
            [{"id": run.id, "source_ref": False, "source_record": False, "run_text": "key 0"}],
        )
        for text in (reference, "crm.lead,x", "crm.lead", f"crm.lead,{2**40}", "no.model,1"):
            self.assertFalse(run.search([("source_ref", "=", text)]))
        with self.assertRaises(UserError):
            run.action_open_source()
        with self.assertRaises(AccessError):
            run.read(["source"])

    def test_deleted(self):
        order = self.orders[0].copy()
        [run] = self.begin([order])
        order.unlink()
        self.env.invalidate_all()
        self.assertFalse(run.source_ref)
        with self.assertRaises(UserError):
            run.action_open_source()

    def test_journeys_of_a_record(self):
        runs = self.begin()
        action = self.contact.with_user(self.responsible).action_view_marketing_participants()
        listed = self.env["marketing.participant"].search(action["domain"])
        self.assertEqual(listed, runs.sorted("id", reverse=True))

    def test_forgotten(self):
        """What it was about would say who it was."""
        [run] = self.begin(self.orders[:1])
        run._forget()
        self.assertFalse(run.source)

    def test_merged(self):
        [run] = self.begin(self.orders[:1])
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge(self.orders.ids, self.orders[1], extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(run.source_record, self.orders[1])

    def test_merged_keys(self):
        """A key that says what a run is about, as entries by events make it, goes with that: what
        happens to the one that is left makes no run anew."""
        order = self.env["res.partner"].create({"name": "Order C"})
        runs = self.begin([*self.orders, False])
        for run in runs[:2]:
            run.entry_key = run.source
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge([*self.orders.ids, order.id], order, extra_checks=False)
        self.env.invalidate_all()
        key = f"res.partner,{order.id}"
        self.assertEqual(runs.mapped("source"), [key, key, False])
        self.assertEqual(
            runs.mapped("entry_key"), [key, f"res.partner,{self.orders[1].id}", "key 2"]
        )
        [answer] = self.campaign._admit([Wanted(self.contact.id, key, key)])
        self.assertEqual((answer["reason"], answer["participant_id"]), ("known", runs[0].id))

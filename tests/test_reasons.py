"""Why something failed is one sentence; the details are in the log."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MessagingCase

LOGGER = "odoo.addons.marketing_automation.models.engine.run"
RENDER_LOGGER = "odoo.addons.mail.models.mail_render_mixin"


@tagged("post_install", "-at_install")
class TestReasons(MessagingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.responsible.group_ids += cls.env.ref("mail.group_mail_template_editor")
        cls.contact = cls.create_contacts(1)
        cls.campaign = cls.create_campaign(cls.contact)

    def reason_of(self, activity_type="email", **vals):
        """What the trace of a failed activity says."""
        activity = self.create_activity(self.campaign, activity_type, delay="0 hours", **vals)
        with (
            mute_logger(RENDER_LOGGER, "odoo.sql_db"),
            self.assertLogs(LOGGER, "WARNING") as log,
        ):
            self.start(self.campaign)
        self.assertIn("Traceback", log.output[0])
        trace = self.trace_of(activity, self.contact)
        self.assertEqual((trace.state, trace.state_reason), ("error", "failed"))
        self.assertLessEqual(len(trace.state_detail), 200)
        self.assertNotRegex(trace.state_detail, r"\n|Traceback|0x|\.py")
        return trace.state_detail

    def mailing(self, **vals):
        return self.create_mailing(self.campaign, subject="Spring news", **vals).id

    def test_placeholder_of_a_body(self):
        body = f"<p>{'Long text. ' * 5000}</p><p><t t-out='object.gone'/></p>"
        self.assertEqual(
            self.reason_of(mass_mailing_id=self.mailing(body_html=body)),
            f"“object.gone” in “Spring news” cannot be filled in for record {self.contact.id}.",
        )

    def test_condition_of_a_body(self):
        body = "<p t-if='object.name > 1'>Hello</p>"
        self.assertIn(
            "“object.name > 1” in “Spring news”",
            self.reason_of(mass_mailing_id=self.mailing(body_html=body)),
        )

    def test_placeholder_of_a_subject(self):
        mailing = self.create_mailing(self.campaign, subject="Dear {{ object.name.gone }}, hello")
        self.assertIn(
            "“object.name.gone” in “Dear {{ object.name.gone }}, hello”",
            self.reason_of(mass_mailing_id=mailing.id),
        )

    def test_placeholder_of_a_text_message(self):
        mailing = self.create_mailing(
            self.campaign, "sms", subject="Spring", body_plaintext="{{ object.name / 2 }}"
        )
        self.assertIn(
            "“object.name / 2” in “Spring”",
            self.reason_of("sms", mass_mailing_id=mailing.id),
        )

    def test_no_expression(self):
        body = "<p><t t-out='object +'/></p>"
        self.assertTrue(self.reason_of(mass_mailing_id=self.mailing(body_html=body)))

    def test_server_action(self):
        for code, expected in (
            ("raise UserError('No price list.')", "No price list."),
            ("raise UserError('First line\\nSecond line')", "First line Second line"),
            ("raise UserError('x while evaluating\\n(')", "x while evaluating ("),
            ("1 / 0", "division by zero"),
            ("raise Exception()", "It failed without a message (Exception)"),
            ("raise UserError('Long. ' * 500)", "Long. Long."),
            ("env.cr.execute('SELECT gone')", 'column "gone" does not exist'),
            (
                "record.write({'parent_id': 10 ** 9})\nenv.flush_all()",
                'insert or update on table "res_partner" violates foreign key constraint',
            ),
            ("raise Exception(lambda: 0)", "…"),
            ("env['no.such.model']", "“no.such.model” was not found."),
        ):
            with self.subTest(code=code):
                self.campaign = self.create_campaign(self.contact)
                group = self.env.ref("base.group_user")
                action = self.create_server_action(code, group_ids=group.ids)
                reason = self.reason_of("action", server_action_id=action.id)
                self.assertTrue(reason.startswith(expected), reason)

    def test_mail_server(self):
        """What a mail server or a provider says of the recipient, at length."""
        activity = self.create_activity(self.campaign, delay="0 hours")
        self.start(self.campaign)
        answer = "550 5.1.1 unknown <contact0@example.com>\n" + "Read our policy. " * 100
        trace = self.trace_of(activity, self.contact)
        trace.mailing_trace_ids.write(
            {"trace_status": "error", "failure_type": "mail_smtp", "failure_reason": answer}
        )
        self.env.invalidate_all()
        self.assertEqual(trace.state, "error")
        self.assertLessEqual(len(trace.state_detail), 200)
        self.assertIn("550 5.1.1 unknown", trace.state_detail)
        self.assertEqual(trace.error_cause[:11], "550 unknown")
        self.assertNotIn("@", trace.error_cause)

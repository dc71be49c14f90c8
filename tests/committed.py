import threading
from collections import Counter
from contextlib import contextmanager
from unittest.mock import patch

from odoo import api, fields
from odoo.modules.registry import Registry
from odoo.tests import common
from odoo.tools import mute_logger

from .smtp import HOST, MailServer

# The six messages of a test.
ALL = range(6)
SENDER_LOGGER = "odoo.addons.marketing_automation.models.sending.senders"


class CommittedCase(common.BaseCase):
    """Transactions of their own; what they leave is removed after each test, or before the next
    one where that was cut off.

    :cvar list unremoved: the tests of which something may be left
    """

    unremoved = []
    # Nothing, where the test ends before it has any.
    campaign_id = False
    campaign_ids = ()
    partner_ids = ()

    def setUp(self):
        super().setUp()
        self.registry = Registry(common.get_db_name())
        for test in [*self.unremoved]:
            test.remove_what_it_left()
        self.unremoved.append(self)
        self.addCleanup(self.remove_what_it_left)

    def remove_what_it_left(self):
        """At first nothing runs any more: it would keep the jobs of other tests busy."""
        with self.environment() as env:
            env.cr.execute("SET LOCAL lock_timeout = '10s'")  # of a thread that hangs
            ids = {self.campaign_id, *self.campaign_ids}
            env["marketing.campaign"].browse(ids - {False}).exists().action_stop_campaign()
        self.clean_up()
        # Tests are equal where their names are.
        self.unremoved[:] = [test for test in self.unremoved if test is not self]

    @contextmanager
    def environment(self):
        """A transaction of its own, committed at the end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, api.SUPERUSER_ID, {})

    def create_activity(self, env, **vals):
        """A step; without another type it counts how often it ran, in the color of the contact."""
        vals = {"activity_type": "action", **vals}
        if vals["activity_type"] == "action" and "server_action_id" not in vals:
            vals["server_action_id"] = (
                env["ir.actions.server"]
                .create(
                    {
                        "name": "Count",
                        "model_id": env["ir.model"]._get_id("res.partner"),
                        "state": "code",
                        "code": "record.write({'color': record.color + 1})",
                    }
                )
                .id
            )
        return env["marketing.activity"].create(
            {"name": "Step", "campaign_id": self.campaign_id, "interval_number": 0, **vals}
        )

    def clean_up(self):
        """Remove the campaign, all that it has, and its contacts."""
        with self.environment() as env:
            campaign = env["marketing.campaign"].browse(self.campaign_id).exists()
            mailings = campaign.all_activity_ids.mass_mailing_id
            actions = campaign.all_activity_ids.server_action_id
            utm = campaign.utm_campaign_id
            # Also those of steps that are gone: nobody else commits any.
            env["marketing.handover"].search([]).unlink()
            env["mail.mail"].search([("mailing_id", "in", mailings.ids)]).unlink()
            campaign.unlink()
            (mailings | env["mailing.mailing"].search([("campaign_id", "in", utm.ids)])).unlink()
            actions.unlink()
            utm.unlink()
            env["res.partner"].browse(self.partner_ids).exists().unlink()


class ParallelCase(CommittedCase):
    """A campaign for six contacts, on which several transactions work at the same moment."""

    def setUp(self):
        super().setUp()
        with self.environment() as env:
            self.partner_ids = (
                env["res.partner"]
                .create([{"name": f"P{i}", "email": f"p{i}@example.com"} for i in range(6)])
                .ids
            )
            self.campaign_id = (
                env["marketing.campaign"]
                .with_context(mail_notrack=True, mail_auto_subscribe_no_notify=True)
                .create(
                    {
                        "name": "Parallel",
                        "user_id": env.ref("base.user_admin").id,
                        "domain": str([("id", "in", self.partner_ids)]),
                    }
                )
                .id
            )

    def in_parallel(self, *functions):
        """Run functions of an environment, each in a thread and a transaction of its own;
        the transactions begin before one of them does anything.

        :return: what they returned, or the exceptions that they raised
        """
        barrier = threading.Barrier(len(functions))
        results = [None] * len(functions)

        def run(index, function):
            threading.current_thread().dbname = self.registry.db_name
            try:
                with self.environment() as env:
                    env.cr.execute("SELECT 1")
                    barrier.wait(10)
                    results[index] = function(env)
            except Exception as error:  # it is what the test looks at
                results[index] = error

        threads = [
            threading.Thread(target=run, args=(index, function))
            for index, function in enumerate(functions)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            self.assertFalse(thread.is_alive(), "A worker hangs")
        return results

    def campaign(self, env):
        return env["marketing.campaign"].browse(self.campaign_id)


class Killed(BaseException):
    """The server process ends."""


class SenderCase(CommittedCase):
    """Senders of the messages of one mailing, which are watched, killed, and run side by side."""

    def traces(self, env):
        return env["mailing.trace"].search([("mass_mailing_id", "=", self.mailing_id)], order="id")

    def hold(self, env):
        return env["marketing.mailing.hold"].search([("mailing_id", "=", self.mailing_id)])

    def run_senders_side_by_side(self):
        """Two of them; none may fail."""
        errors = []

        def send():
            threading.current_thread().dbname = self.registry.db_name
            try:
                self.run_senders()
            except Exception as error:  # the test looks at it
                errors.append(error)

        senders = [threading.Thread(target=send) for _number in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(60)
        self.assertEqual(errors, [])

    def watch(self, owner, name, seen, look):
        """Add to a list what ``look`` returns for each call of a method.

        :param list seen: lists of what was seen
        """
        original = getattr(owner, name)

        def override(model, *args, **kwargs):
            seen.append(look(model, *args, **kwargs))
            return original(model, *args, **kwargs)

        self.enterContext(patch.object(owner, name, override))

    @contextmanager
    def killed_at(self, owner, name, then, number=1):
        """The process ends at this call of a method.

        :param bool then: whether only after it
        """
        original = getattr(owner, name)
        calls = []

        def method(model, *args, **kwargs):
            calls.append(1)
            if len(calls) == number and not then:
                raise Killed
            result = original(model, *args, **kwargs)
            if len(calls) == number:
                raise Killed
            return result

        with patch.object(owner, name, method), self.assertRaises(Killed):
            yield


class QueuedEmailsCase(SenderCase):
    """Six contacts with an email of a campaign in the queue, and their mail server.

    :cvar dict campaign_values: further values of the campaign
    """

    campaign_values = {}
    server_id = False

    def setUp(self):
        self.addCleanup(self.remove_server)  # after all that refers to it
        super().setUp()
        self.server = self.enterContext(MailServer())
        self.enterContext(mute_logger("odoo.addons.mail.models.mail_mail", SENDER_LOGGER))
        with self.environment() as env:
            self.partner_ids = (
                env["res.partner"]
                .create([{"name": f"P{i}", "email": f"p{i}@example.com"} for i in range(6)])
                .ids
            )
            campaign = env["marketing.campaign"].create(
                {
                    "name": "Queue",
                    "domain": str([("id", "in", self.partner_ids)]),
                    **self.campaign_values,
                }
            )
            self.campaign_id = campaign.id
            mailing = env["mailing.mailing"].create(
                {
                    "subject": "Hello",
                    "mailing_model_id": campaign.model_id.id,
                    "body_html": "<p>Hello</p>",
                    "email_from": "marketing@example.com",
                }
            )
            env["marketing.activity"].create(
                {
                    "name": "Email",
                    "campaign_id": campaign.id,
                    "activity_type": "email",
                    "interval_number": 0,
                    "mass_mailing_id": mailing.id,
                }
            )
            campaign.action_start_campaign()
            campaign.sync_participants()
            campaign.execute_activities()
            server = env["ir.mail_server"].create(
                {"name": "Test", "smtp_host": HOST, "smtp_port": self.server.port}
            )
            mails = env["mail.mail"].search([("mailing_id", "=", mailing.id)])
            mails.mail_server_id = server
            self.mail_ids, self.server_id = sorted(mails.ids), server.id
            self.mailing_id = mailing.id

    def remove_server(self):
        with self.environment() as env:
            env["marketing.mail.mark"].search([]).unlink()
            env["ir.mail_server"].browse(self.server_id).unlink()

    def received(self):
        return Counter(mail.recipient for mail in self.server.mails)

    def addresses(self, *numbers):
        return Counter(f"p{number}@example.com" for number in numbers)

    def mails(self, env, *numbers):
        ids = [self.mail_ids[number] for number in numbers or ALL]
        return env["mail.mail"].browse(ids).exists()

    def assertAllDone(self):
        self.assertEqual(self.received(), self.addresses(*ALL))
        with self.environment() as env:
            self.assertFalse(self.mails(env))
            self.assertEqual(self.traces(env).mapped("trace_status"), ["sent"] * 6)
            self.assertTrue(all(self.traces(env).mapped("sent_datetime")))
            self.assertFalse(env["marketing.mail.mark"].search([]))
            self.assertFalse(self.hold(env))

    def run_senders(self):
        with self.environment() as env:
            env["marketing.campaign"]._cron_send_emails()

    def run_senders_after(self, **delay):
        """As if so much time had passed."""
        with self.environment() as env:
            for mail in env["mail.mail"].search([("scheduled_date", "!=", False)]):
                mail.scheduled_date = fields.Datetime.subtract(mail.scheduled_date, **delay)
            for hold in env["marketing.mailing.hold"].search([]):
                hold.until = fields.Datetime.subtract(hold.until, **delay)
        self.run_senders()

    def in_a_thread(self, function):
        def run():
            threading.current_thread().dbname = self.registry.db_name
            function()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(30)

"""Demo data: six weeks of two running campaigns, one that is over, and drafts.

Read by Odoo's shell, on a fresh database with the addon. The same every time, but for
the dates, which end today.
"""

from datetime import datetime, timedelta
from random import Random

from odoo.addons.marketing_automation.dev.demo_campaigns import new_shops, open_house, sample_box
from odoo.addons.marketing_automation.dev.demo_history import History
from odoo.addons.marketing_automation.dev.demo_names import WISHES, businesses

TEMPLATES = [
    "hot_contacts",
    "welcome",
    "double_optin",
    "commercial_prospection",
    "schedule_calls",
    "prioritize_hot_leads",
    "abandoned_opportunity",
    "re_engagement",
    "event_follow_up",
    "ab_welcome",
]
AREA_CODES = (202, 303, 415, 512, 617)


class Demo:
    """All that is made, in the order of :meth:`run`."""

    def __init__(self, env):
        self.env = env(user=env.ref("base.user_admin"), su=False)
        self.random = Random(19)
        self.today = datetime.now().replace(microsecond=0)
        self.businesses = businesses()
        self.random.shuffle(self.businesses)
        self.salespeople = self.env.user | (
            env.ref("base.user_demo", raise_if_not_found=False) or self.env["res.users"]
        )

    def run(self):
        self.prepare_company()
        self.load_templates()
        self.make_past_campaign()
        self.make_running_campaigns()
        self.make_test()
        self.make_audiences()
        self.clean_up()

    # ------------------------------------------------------------
    # Set up
    # ------------------------------------------------------------

    def prepare_company(self):
        company = self.env.company
        if not company.website or "localhost" in company.website:
            company.website = "https://www.example.com"
        company.email_secondary_color = "#1f6f6b"
        self.env.user.tz = self.env.user.tz or "Europe/Brussels"
        if "odoobot_state" in self.env.user:
            # Its greeting would cover the screen of a phone.
            self.env.user.odoobot_state = "disabled"
        service = self.env.ref("sms.iap_service_sms")
        self.env["iap.account"].sudo().create({"service_id": service.id, "state": "registered"})

    def tag(self, name, color):
        return self.env["res.partner.category"].create({"name": name, "color": color})

    def server_action(self, name, **values):
        return (
            self.env["ir.actions.server"]
            .sudo()
            .create(
                {"name": name, "model_id": self.env["ir.model"]._get_id("res.partner"), **values}
            )
            .with_env(self.env)
        )

    def add_tag_action(self, tag):
        return self.server_action(
            f"Tag: {tag.name}",
            state="object_write",
            update_path="category_id",
            update_m2m_operation="add",
            evaluation_type="value",
            resource_ref=f"res.partner.category,{tag.id}",
            value=str(tag.id),
        )

    def call_action(self, summary):
        return self.server_action(
            summary,
            state="next_activity",
            activity_type_id=self.env.ref("mail.mail_activity_data_call").id,
            activity_summary=summary,
            activity_date_deadline_range=2,
            activity_user_type="generic",
            activity_user_field_name="user_id",
        )

    def create_customers(self, number, tag):
        """Shops, as contacts with a tag; a few with what goes wrong in real address books."""
        values = []
        for name, email in (self.businesses.pop() for _n in range(number)):
            if self.random.random() < 0.015:
                email = email.replace("@", "(at)")
            area, line = self.random.choice(AREA_CODES), self.random.randrange(100)
            values.append(
                {
                    "name": name,
                    "email": email,
                    "phone": f"+1 {area} 555 01{line:02d}" if self.random.random() < 0.9 else False,
                    "is_company": True,
                    "category_id": tag.ids,
                    "user_id": self.random.choice(self.salespeople).id,
                    "country_id": self.env.ref("base.us").id,
                }
            )
        return self.env["res.partner"].create(values)

    def morning(self, days):
        """So many days ago, before the job runs for the first time."""
        return self.today.replace(hour=5, minute=0, second=0) - timedelta(days=days)

    def load_templates(self):
        """Drafts; they were made first, so that the dashboard begins with the others."""
        with History(self.env, self.morning(96), self.random).running():
            for name in TEMPLATES:
                self.env["marketing.campaign"].get_action_marketing_campaign_from_template(name)

    # ------------------------------------------------------------
    # Campaigns with a history
    # ------------------------------------------------------------

    def make_past_campaign(self):
        """A short campaign of last season, stopped."""
        history = History(self.env, self.morning(95), self.random)
        with history.running():
            guests = self.tag("Open house guest", 3)
            self.create_customers(70, guests)
            campaign = self.env["marketing.campaign"]._create_from_template(open_house(guests))
            campaign.action_start_campaign()
            history.run_until(
                campaign,
                history.now + timedelta(days=16),
                react=lambda trace: self.react(history, trace, opens=0.55, clicks=0.3),
            )
            campaign.action_stop_campaign()

    def make_running_campaigns(self):
        """Six weeks of two campaigns that go on."""
        history = History(self.env, self.morning(42), self.random)
        with history.running():
            self.make_shops_campaign()
            self.make_samples_campaign()
            history.set(history.now + timedelta(hours=1))
            campaigns = self.shops_campaign | self.samples_campaign
            campaigns.action_start_campaign()
            history.run_until(
                campaigns,
                self.today - timedelta(minutes=5),
                each_day=self.pass_a_day,
                react=lambda trace: self.react(history, trace, opens=0.62, clicks=0.45),
            )

    def make_shops_campaign(self):
        self.shop_tag = self.tag("Shop", 4)
        self.shops = self.create_customers(190, self.shop_tag)
        self.shops_campaign = self.env["marketing.campaign"]._create_from_template(
            new_shops(
                self.shop_tag,
                interested=self.add_tag_action(self.tag("Interested", 10)),
                wrong=self.add_tag_action(self.tag("Check the address", 1)),
                call=self.call_action("Call about the catalog"),
            )
        )
        self.shops_campaign.tag_ids = self.env["utm.tag"].create({"name": "Retail", "color": 4})

    def make_samples_campaign(self):
        """The one that has everything that steers."""
        self.sample_tag, self.order_tag = self.tag("Sample box", 5), self.tag("Has ordered", 10)
        self.testers = self.create_customers(50, self.sample_tag)
        self.samples_campaign = self.env["marketing.campaign"]._create_from_template(
            sample_box(
                self.sample_tag,
                ordered=self.order_tag,
                call=self.call_action("Call about the samples"),
            )
        )
        self.samples_campaign.tag_ids = self.env["utm.tag"].search([("name", "=", "Retail")])
        self.env["marketing.campaign.entry"].create(
            {
                "campaign_id": self.samples_campaign.id,
                "entry_type": "manual",
                "name": "Met at a trade fair",
            }
        )

    def pass_a_day(self):
        self.let_shops_come_and_go()
        self.let_samples_work()

    def let_shops_come_and_go(self):
        """New shops come in; now and then one unsubscribes, closes, or is no shop any more."""
        self.shops |= self.create_customers(self.random.randrange(6), self.shop_tag)
        # Mostly among those for whom the campaign has still something to do.
        chance, shop = self.random.random(), self.random.choice(self.shops[-40:])
        if chance < 0.25 and shop.email_normalized:
            self.env["mail.blacklist"]._add(shop.email)
        elif chance < 0.70:
            shop.category_id -= self.shop_tag
        elif chance < 0.76:
            self.shops -= shop
            shop.unlink()

    def let_samples_work(self):
        """Some ask for samples, or are added by hand after a fair, some order, and most calls are
        made."""
        new = self.create_customers(self.random.randrange(4), self.sample_tag)
        if self.random.random() < 0.3:
            self.samples_campaign.enrol(new.ids)
        self.testers |= new
        for shop in self.testers:
            if self.random.random() < 0.025:
                shop.category_id |= self.order_tag
        for call in self.testers.activity_ids:
            if self.random.random() < 0.4:
                call.action_feedback()

    def react(self, history, trace, opens, clicks):
        """Plan what the recipient does with a message that went out.

        :param float opens: share of the recipients who open an email
        :param float clicks: share of the readers who follow its link
        """
        chance = self.random.random()
        if trace.trace_type == "sms":
            if chance < 0.35:
                history.plan(history.later(3), history.click, trace)
        elif chance < 0.035:
            reason = "550 5.1.1 The email account that you tried to reach does not exist"
            history.plan(history.later(0.05), self.bounce, trace, reason)
        elif chance < 0.04:
            history.plan(history.later(0.05), self.fail, trace)
        elif chance < 0.04 + opens:
            opened = history.later(14)
            history.plan(opened, trace.set_opened)
            if self.random.random() < clicks:
                clicked = opened + timedelta(seconds=self.random.randrange(8, 120))
                history.plan(clicked, history.click, trace)
            if self.random.random() < 0.05:
                replied = opened + timedelta(minutes=self.random.randrange(5, 90))
                history.plan(replied, trace.set_replied)

    def bounce(self, trace, reason):
        trace.set_bounced(bounce_message=reason)

    def fail(self, trace):
        trace.write(
            {
                "trace_status": "error",
                "failure_type": "mail_smtp",
                "failure_reason": "The mail server did not answer in time",
            }
        )

    # ------------------------------------------------------------
    # What is there to try
    # ------------------------------------------------------------

    def make_test(self):
        """A test that stands at its second step."""
        campaign = self.shops_campaign
        history = History(self.env, self.today - timedelta(minutes=30), self.random)
        with history.running():
            dialog = self.env["marketing.campaign.test"].create(
                {"campaign_id": campaign.id, "res_id": self.shops[:1].id}
            )
            dialog.action_launch_test()
            test = campaign.participant_ids.filtered("is_test")
            test.trace_ids.action_execute()
            history.set(self.today - timedelta(minutes=20))
            history.send_messages().set_opened()

    def make_audiences(self):
        """Readers of the newsletter, leads and guests of a webinar, for whom the templates are."""
        with History(self.env, self.morning(300), self.random).running():
            self.create_readers(24)
        self.create_readers(24)
        leads = []
        for shop in self.random.sample(list(self.shops), 14):
            leads.append({"partner_id": shop.id, "user_id": shop.user_id.id})
        for name, email in (self.businesses.pop() for _n in range(10)):
            leads.append({"partner_name": name, "email_from": email, "user_id": False})
        for lead in leads:
            lead["name"] = self.random.choice(WISHES)
            lead["expected_revenue"] = 100 * self.random.randrange(5, 90)
        self.env["crm.lead"].create(leads)
        guests = self.random.sample(list(self.shops), 24)
        for key, shops in (("attended", guests[:14]), ("missed", guests[14:])):
            tag = self.env.ref(f"marketing_automation.partner_category_webinar_{key}")
            self.env["res.partner"].union(*shops).category_id += tag

    def create_readers(self, number):
        newsletter = self.env.ref("mass_mailing.mailing_list_data")
        readers = [self.businesses.pop() for _n in range(number)]
        self.env["mailing.contact"].create(
            [{"name": name, "email": email, "list_ids": newsletter.ids} for name, email in readers]
        )

    def clean_up(self):
        """Nothing of the past is to be sent or run once more."""
        env = self.env(su=True)
        env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
        env["ir.cron.trigger"].search([("call_at", "<", self.today)]).unlink()
        env["marketing.campaign"]._wake_up_when_due()


Demo(env).run()
env.cr.commit()

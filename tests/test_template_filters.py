"""What the filters of templates look like in the filter editor, and whom they take."""

from odoo.tests import HttpCase, tagged

from .common import MarketingAutomationMixin
from .test_templates import NAMES

UNFOLDED = ".o_field_domain .o_tree_editor"
SECTION = ".o_marketing_section_button[name='audience']"
# Open the audience, fold the filter out, and read what it says.
LOOK = """
const wait = (test) => new Promise((resolve) => {
    const timer = setInterval(() => test() && (clearInterval(timer), resolve()), 50);
});
(async () => {
    if (!document.querySelector(".o_field_domain")) {
        document.querySelector("%s").click();
    }
    await wait(() => document.querySelector(".o_field_domain .o_facet_value"));
    const field = document.querySelector(".o_field_domain");
    const folded = field.innerText;
    field.querySelector(".fa-caret-right").click();
    await wait(() => document.querySelector("%s"));
    const values = [...field.querySelectorAll("input, select")].map(
        (input) => input.selectedOptions ? input.selectedOptions[0].textContent : input.value
    );
    const text = field.innerText + " " + values.join(" ");
    if (/invalid|not supported/i.test(folded + text)) {
        console.error("It cannot be read: " + folded + text);
    } else if (%s && !(/in the last 7 days/.test(folded) && /is in the last 7 days/.test(text))) {
        console.error("It does not say since when: " + folded + text);
    } else {
        console.log("test successful");
    }
})();
"""


@tagged("post_install", "-at_install")
class TestTemplateFilters(MarketingAutomationMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.responsible.group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")

    def load(self, name):
        campaigns = self.env["marketing.campaign"].with_user(self.responsible)
        action = campaigns.get_action_marketing_campaign_from_template(name)
        return self.env["marketing.campaign"].browse(action["res_id"])

    def test_filter_editor_can_show_them(self):
        for name in sorted(NAMES):
            campaign = self.load(name)
            with self.subTest(template=name):
                self.browser_js(
                    f"/odoo/marketing.campaign/{campaign.id}",
                    LOOK
                    % (SECTION, UNFOLDED, "true" if "today -7d" in campaign.domain else "false"),
                    f'!!document.querySelector("{SECTION}")',
                    login="marketer",
                )

    def test_created_in_the_last_7_days(self):
        """Today included, in the days of the responsible."""
        self.responsible.tz = "Pacific/Auckland"  # 12 hours ahead
        campaign = self.load("welcome")
        dates = {
            "2025-06-02 11:59:00": False,
            "2025-06-02 12:01:00": True,
            "2025-06-09 11:59:00": True,
            "2025-06-09 12:01:00": True,
            "2025-06-09 19:59:00": True,
        }
        contacts = self.env["mailing.contact"].create(
            [{"name": date, "email": f"c{n}@example.com"} for n, date in enumerate(dates)]
        )
        for contact in contacts:
            self.env.cr.execute(
                "UPDATE mailing_contact SET create_date = %s WHERE id = %s",
                [contact.name, contact.id],
            )
        self.env.invalidate_all()
        campaign.action_start_campaign()
        with self.at("2025-06-09 20:00:00"):
            self.run_cron("ir_cron_campaign_sync_participants")
        taken = contacts.filtered(lambda contact: self.participant_of(campaign, contact))
        self.assertEqual(
            set(taken.mapped("name")), {date for date, is_new in dates.items() if is_new}
        )

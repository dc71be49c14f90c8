import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, waitFor } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { getConditionCount } from "@marketing_automation/campaign/summaries";
import { RULES } from "./workflow_test_helpers";

class Campaign extends models.Model {
    _name = "marketing.campaign";

    name = fields.Char({ required: true });
    model_name = fields.Char();
    domain = fields.Char();
    include_archived = fields.Boolean();
    hourly_limit = fields.Integer();
    entry_ids = fields.One2many({ relation: "marketing.campaign.entry" });

    _records = [
        {
            id: 1,
            name: "Welcome",
            model_name: "marketing.campaign",
            domain: "['|', ('name', '=', 'Welcome'), ('id', '>', 5)]",
            hourly_limit: 1000,
            entry_ids: [1, 2, 3],
        },
        { id: 2, name: "Nobody", entry_ids: [] },
    ];
}

class Entry extends models.Model {
    _name = "marketing.campaign.entry";

    entry_type = fields.Char();
    active = fields.Boolean();

    _records = [
        { id: 1, entry_type: "date", active: true },
        { id: 2, entry_type: "filter", active: true },
        { id: 3, entry_type: "manual", active: false },
    ];
}

defineMailModels();
defineModels([Campaign, Entry]);

const ENTRIES = [
    { key: "filter", label: "Filter" },
    { key: "date", label: "Date" },
    { key: "manual", label: "By hand" },
];

function mountCampaign(resId) {
    onRpc("marketing.activity", "get_workflow_rules", () => ({ ...RULES, entries: ENTRIES }));
    return mountView({
        type: "form",
        resModel: "marketing.campaign",
        resId,
        arch: `<form js_class="marketing_campaign_form">
            <notebook>
                <page name="audience" string="Audience">
                    <field name="name"/><field name="model_name"/><field name="domain"/>
                    <field name="include_archived"/>
                </page>
                <page name="entries" string="Comes in by">
                    <field name="entry_ids"><list><field name="entry_type"/><field name="active"/></list></field>
                </page>
                <page name="sending" string="Sending"><field name="hourly_limit"/></page>
                <page name="history" string="History"><span class="o_history">Log</span></page>
            </notebook>
        </form>`,
    });
}

const section = (name) => `.o_marketing_section_button[name='${name}']`;

describe.current.tags("desktop");

test("the bar says in a few words what its sections set", async () => {
    await mountCampaign(1);
    await waitFor(`${section("audience")}:contains(1 record)`);
    expect(queryAllTexts(".o_marketing_summary")).toEqual([
        "2 conditions, 1 record",
        "Filter and Date",
        "At any time, at most 1,000 an hour",
    ]);
    expect(".o_marketing_section").toHaveCount(0);
});

test("a section opens below the bar, and closes again; one is open at a time", async () => {
    await mountCampaign(1);
    await contains(section("sending")).click();
    expect(section("sending")).toHaveAttribute("aria-expanded", "true");
    expect(".o_marketing_section [name='hourly_limit']").toHaveCount(1);
    await contains(section("history")).click();
    expect(".o_marketing_section").toHaveText("Log");
    await contains(section("history")).click();
    expect(".o_marketing_section").toHaveCount(0);
});

test("what is changed shows in the bar", async () => {
    await mountCampaign(1);
    await contains(section("audience")).click();
    await contains("[name='domain'] input").edit("[]");
    await waitFor(`${section("audience")}:contains(2 records)`);
    await contains("[name='domain'] input").edit("[('name', '=', 'Nobody')]");
    await waitFor(`${section("audience")}:contains(1 condition, 1 record)`);
});

test("a new campaign begins with its audience", async () => {
    await mountCampaign();
    expect(section("audience")).toHaveAttribute("aria-expanded", "true");
    expect(`${section("entries")} .o_marketing_summary`).toHaveText("Nobody");
});

test("conditions of a filter are counted", () => {
    expect(getConditionCount("[]")).toBe(0);
    expect(getConditionCount(false)).toBe(0);
    expect(getConditionCount("['&', ('a', '=', 1), '!', ('b', '=', 2)]")).toBe(2);
    expect(getConditionCount("['|', ('a', '=', 1), '&', ('b', '=', 2), ('c', '=', 3)]")).toBe(3);
    expect(getConditionCount("[('a', '=', uid)]")).toBe(1);
    expect(getConditionCount("[('a', 'any', [('b', '=', 1), ('c', '=', 2)])]")).toBe(1);
    expect(getConditionCount("[(")).toBe(0);
});

test("a period of a filter is one condition, as in its editor", () => {
    const isSince = "('created', '>=', 'today -7d')";
    const lastDays = `${isSince}, ('created', '<', 'today +1d')`;
    expect(getConditionCount(`[${lastDays}]`)).toBe(1);
    expect(getConditionCount(`['&', ${lastDays}]`)).toBe(1);
    expect(getConditionCount(`[('name', '!=', False), ${lastDays}]`)).toBe(2);
    expect(getConditionCount(`['|', ('name', '!=', False), '&', ${lastDays}]`)).toBe(2);
    expect(getConditionCount(`['|', ${lastDays}]`)).toBe(2, { message: "either is no period" });
    expect(getConditionCount(`[${isSince}, ('changed', '<', 'today +1d')]`)).toBe(2);
    expect(getConditionCount("[('age', '>=', 18), ('age', '<=', 30)]")).toBe(1);
});

import { expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { makeFigures, RULES } from "./workflow_test_helpers";

class Campaign extends models.Model {
    _name = "marketing.campaign";

    name = fields.Char();

    _records = [{ id: 1, name: "Shops" }];
}

defineMailModels();
defineModels([Campaign]);

const step = (id, name, values) => ({
    id,
    name,
    parent_id: false,
    activity_type: "email",
    content: "",
    possible_events: [],
    branches: [],
    trigger_type: "begin",
    interval_number: 0,
    interval_type: "hours",
    ...values,
});

const WELCOME = makeFigures({
    processed: 6,
    excluded: 3,
    error: 1,
    sent: 6,
    reasons: {
        excluded: [
            { key: "mail_bl", label: "Blacklisted", count: 2 },
            { key: "expired", label: "Expired", count: 1 },
        ],
        error: [{ key: "mail_smtp", label: "No answer", count: 1 }],
    },
});

const RATES = Object.fromEntries(RULES.rates.map(({ key }) => [key, { count: 0, base: 0 }]));

const OVERVIEW = {
    participants: 10,
    running: 4,
    completed: 6,
    exited: 0,
    removed: 0,
    messages: { sent: 6, queued: 0, rates: { ...RATES, ...WELCOME.rates } },
    trend: [],
    steps: [
        step(1, "Welcome"),
        step(2, "Reminder", { parent_id: 1, trigger_type: "mail_not_open", interval_number: 2 }),
    ],
    activities: { 1: WELCOME, 2: makeFigures({ processed: 2, elsewhere: 4 }) },
    past: [],
};

async function mountOverview() {
    onRpc("marketing.activity", "get_workflow_rules", () => RULES);
    onRpc("marketing.campaign", "get_overview", () => OVERVIEW);
    onRpc("marketing.activity", "action_view_figure", ({ args }) => {
        expect.step(args);
        return {};
    });
    mockService("action", { doAction: () => {} });
    await mountView({
        type: "form",
        resModel: "marketing.campaign",
        resId: 1,
        arch: `<form><widget name="marketing_overview"/></form>`,
    });
}

test.tags("desktop");
test("each step has its own numbers, which add up", async () => {
    await mountOverview();
    const rows = queryAll(".o_marketing_funnel tbody tr").map((row) =>
        queryAllTexts("td", { root: row }).slice(2)
    );
    // Reached, done, other branch, excluded, failed; of the step before.
    expect(rows).toEqual([
        ["10", "6", "0", "3", "1", "60%"],
        ["6", "2", "4", "0", "0", "33%"],
    ]);
});

test.tags("desktop");
test("numbers open who is behind them, reason by reason", async () => {
    await mountOverview();
    await contains(".o_marketing_funnel tr:contains(Reminder) [data-figure='elsewhere']").click();
    await contains(".o_marketing_funnel tr:contains(Welcome) [data-figure='reached']").click();
    await contains(".o_marketing_funnel tr:contains(Welcome) [data-figure='excluded']").click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Blacklisted)").click();
    expect.verifySteps([
        [[2], "elsewhere", null],
        [[1], "reached", null],
        [[1], "excluded", "mail_bl"],
    ]);
});

test.tags("mobile");
test("on a phone steps stand below each other, with what they have", async () => {
    await mountOverview();
    expect(queryAllTexts(".o_marketing_funnel li [data-figure]")).toEqual([
        "10",
        "6",
        "3",
        "1",
        "6",
        "2",
        "4",
    ]);
    await contains(".o_marketing_funnel li:contains(Reminder) [data-figure='processed']").click();
    expect.verifySteps([[[2], "processed", null]]);
});

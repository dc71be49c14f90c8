import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

const AUDIENCE = {
    text: "391 contacts",
    has_filter: true,
    matching: 400,
    entering: 391,
    known: 5,
    duplicates: 4,
    asked: 391,
    unique_on: "Email",
    entries: [],
};
const MESSAGE = {
    activity_id: 5,
    name: "Welcome",
    icon: "fa-envelope",
    place: "Sends as soon as somebody joins the campaign.",
    moment: "2025-03-03 09:00:00",
    text: "The first one goes at once.",
    reached: 380,
    reasons: [
        { reason: "mail_bl", text: "Blacklisted Address", count: 8 },
        { reason: "mail_email_missing", text: "Missing email address", count: 3 },
    ],
};
const WARNING = {
    severity: "warning",
    text: "It has links that lead nowhere: #",
    advice: "Enter the addresses of your pages.",
    activity_id: 5,
    entry_id: false,
    step: "Welcome",
    action: false,
};
const ERROR = {
    ...WARNING,
    severity: "error",
    text: "“Reminder”: choose a mailing.",
    advice: "",
    activity_id: 6,
    step: "",
};

class Review extends models.Model {
    _name = "marketing.campaign.review";

    review = fields.Json();

    _records = [
        {
            id: 1,
            review: {
                audience: AUDIENCE,
                messages: [MESSAGE],
                first: "The first message, “Welcome”, goes at once.",
                findings: [ERROR, WARNING],
            },
        },
        {
            id: 2,
            review: {
                audience: { ...AUDIENCE, entering: 400000, asked: 10000 },
                messages: [MESSAGE],
                first: "",
                findings: [],
            },
        },
        {
            id: 5,
            review: {
                audience: AUDIENCE,
                messages: [MESSAGE],
                first: "",
                findings: [
                    WARNING,
                    { ...WARNING, text: "It has no text." },
                    { ...WARNING, activity_id: 6, step: "Reminder" },
                ],
            },
        },
        {
            id: 4,
            review: {
                audience: {
                    ...AUDIENCE,
                    text: "1 contact",
                    matching: 3,
                    entering: 1,
                    known: 1,
                    duplicates: 1,
                    asked: 1,
                },
                messages: [{ ...MESSAGE, text: false, reasons: [] }],
                first: "",
                findings: [],
            },
        },
        { id: 3, review: { audience: false, messages: [], first: "", findings: [ERROR] } },
    ];
}

defineMailModels();
defineModels([Review]);

const mount = (resId) =>
    mountView({
        type: "form",
        resModel: "marketing.campaign.review",
        resId,
        arch: `<form><field name="review" widget="marketing_review"/></form>`,
    });

test("who enters, whom messages reach, and what looks wrong", async () => {
    await mount(1);
    expect(".o_marketing_review_audience").toHaveText(/391 contacts\s+enter now/);
    expect(".o_marketing_review_audience").toHaveText(
        /400 match the filter · 5 take part already · 4 have the same “Email” as another one/
    );
    expect(".o_marketing_review_first").toHaveText("The first message, “Welcome”, goes at once.");
    expect(".o_marketing_review_message .small.text-muted").toHaveText(
        "Sends as soon as somebody joins the campaign. The first one goes at once."
    );
    expect(".o_marketing_review_reach").toHaveText("380 of 391");
    expect(queryAllTexts(".o_marketing_review_reasons li")).toEqual([
        "8\nBlacklisted Address",
        "3\nMissing email address",
    ]);
    expect(".o_marketing_review_errors li").toHaveText("“Reminder”: choose a mailing.");
    expect(".o_marketing_review_finding").toHaveCount(1);
    expect(".o_marketing_review_finding").toHaveText(/Welcome:\s*It has links that lead nowhere/);
});

test("what is said of one is said in the singular", async () => {
    await mount(4);
    expect(".o_marketing_review_audience").toHaveText(/1 contact\s+enters now/);
    expect(".o_marketing_review_audience").toHaveText(
        /3 match the filter · 1 takes part already · 1 has the same “Email” as another one/
    );
    expect(".o_marketing_review_first").toHaveCount(0);
    expect(".o_marketing_review_message .small.text-muted").toHaveText(
        "Sends as soon as somebody joins the campaign."
    );
});

test("of many who enter the first ones are told of", async () => {
    await mount(2);
    expect(".o_marketing_review_messages h3").toHaveText(/of the first 10,000 who enter/i);
    expect(".o_marketing_review_reach").toHaveText("380 of 10,000");
    expect(".o_marketing_review_findings").toHaveText(/Nothing looks wrong/);
});

test("an audience that cannot be counted", async () => {
    await mount(3);
    expect(".o_marketing_review_audience").toHaveCount(0);
    expect(".o_marketing_review_messages").toHaveCount(0);
    expect(".o_marketing_review_errors").toHaveCount(1);
});

test("what is the same of several steps is said once", async () => {
    mockService("action", { doAction: () => true });
    const view = await mount(5);
    expect(queryAllTexts(".o_marketing_review_finding > div")).toEqual([
        `Welcome, Reminder: ${WARNING.text}\n${WARNING.advice}`,
        `Welcome: It has no text.\n${WARNING.advice}`,
    ]);
    view.env.bus.addEventListener("MARKETING_WORKFLOW:OPEN", ({ detail }) =>
        expect.step(detail.resId)
    );
    await contains(".o_marketing_review_finding:first a:contains(Reminder)").click();
    expect.verifySteps([6]);
});

test("a finding leads to its step", async () => {
    mockService("action", { doAction: ({ type }) => expect.step(type) });
    const view = await mount(1);
    view.env.bus.addEventListener("MARKETING_WORKFLOW:OPEN", ({ detail }) =>
        expect.step(detail.resId)
    );
    await contains(".o_marketing_review_finding a").click();
    expect.verifySteps(["ir.actions.act_window_close", 5]);
});

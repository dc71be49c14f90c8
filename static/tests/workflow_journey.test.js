import { expect, test } from "@odoo/hoot";
import { queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { contains } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { card } from "./workflow_test_helpers";
import { STEERING, mountWorkflow, way } from "./workflow_view_helpers";

defineMailModels();

test("a journey: the way taken, and what can be done in a test", async () => {
    const trace = (id, values) => ({
        id,
        label: "",
        execution_date: false,
        schedule_date: false,
        reason: "",
        events: {},
        outcome: values.state,
        ...values,
    });
    await mountWorkflow({
        readonly: true,
        canSimulate: true,
        traces: {
            1: trace(11, {
                state: "processed",
                outcome: "processed",
                label: "Done",
                execution_date: "2026-01-01 10:00:00",
            }),
            2: trace(12, { state: "scheduled", schedule_date: "2026-01-03 10:00:00" }),
            3: trace(13, {
                state: "canceled",
                outcome: "excluded",
                label: "Excluded",
                execution_date: "2026-01-01 10:00:00",
                reason: "It expired",
            }),
        },
    });
    expect(card("Welcome")).toHaveClass("o_mwf_tone_done");
    expect(card("Reminder")).toHaveClass("o_mwf_tone_planned");
    expect(card("Tag")).toHaveClass("o_mwf_tone_excluded");
    expect(card("Text")).toHaveClass("o_mwf_tone_ahead");
    expect(`${card("Tag")} .o_mwf_reason`).toHaveText("It expired");
    expect(`${card("Text")} .o_mwf_status`).toHaveText("Not reached");
    await contains(`${card("Reminder")} [data-action='run']`).click();
    await contains(`${card("Welcome")} [data-action='mail_bounce']`).click();
    expect.verifySteps(["run 12", "simulate 11 mail_bounce"]);
});

test("a message that is held says until when, and why in two lines", async () => {
    const hold = "The campaign has sent as many messages as it may within an hour";
    const trace = {
        id: 1,
        state: "scheduled",
        outcome: "scheduled",
        schedule_date: "2025-03-03 10:00:00",
        reason: "",
        events: {},
        hold,
    };
    await mountWorkflow({ readonly: true, traces: { 1: trace } });
    expect(`${card("Welcome")} .o_mwf_status`).toHaveText(/Waits until /);
    expect(`${card("Welcome")} .o_mwf_reason`).toHaveText(hold);
    expect(`${card("Welcome")} .o_mwf_reason`).not.toHaveClass("o_mwf_line_of_text");
});

test("who took another branch is not as who could not be reached", async () => {
    const trace = (outcome) => ({
        id: 1,
        state: "canceled",
        outcome,
        label: outcome,
        execution_date: "2026-01-01 10:00:00",
        reason: "",
        events: {},
    });
    await mountWorkflow({
        readonly: true,
        traces: { 1: trace("elsewhere"), 2: trace("excluded"), 3: trace("error") },
    });
    const getColor = (name) => getComputedStyle(queryFirst(`${card(name)} .o_mwf_dot`)).color;
    expect(card("Welcome")).toHaveClass("o_mwf_tone_other");
    expect(card("Reminder")).toHaveClass("o_mwf_tone_excluded");
    expect(card("Tag")).toHaveClass("o_mwf_tone_failed");
    const colors = ["Welcome", "Reminder", "Tag"].map(getColor);
    expect(new Set(colors)).toHaveLength(3);
});

test("a journey: ways that were taken, visits, and what is waited for", async () => {
    const visit = (id, values) => ({
        id,
        visit: 1,
        state: "processed",
        outcome: "processed",
        label: "Done",
        execution_date: "2026-01-01 10:00:00",
        schedule_date: "2026-01-01 10:00:00",
        branch: false,
        branch_name: "",
        ...values,
    });
    const rest = { reason: "", events: {} };
    await mountWorkflow({
        steps: STEERING,
        readonly: true,
        traces: {
            1: {
                ...visit(12, { visit: 2 }),
                reason: "",
                events: {},
                visits: [visit(11), visit(12, { visit: 2 })],
            },
            2: {
                ...visit(13, { branch: 2, branch_name: "B" }),
                ...rest,
                branch_reason: "At random",
            },
            4: {
                ...visit(14, {
                    state: "scheduled",
                    outcome: "scheduled",
                    schedule_date: "2026-01-04 10:00:00",
                }),
                wait_since: "2026-01-01 10:00:00",
                awaited: "Until “Welcome” was opened",
                reason: "",
                events: {},
            },
        },
    });
    expect(`${card("Welcome")} .o_mwf_visits`).toHaveText("2 visits");
    expect(queryFirst(`${card("Welcome")} .o_mwf_visits`).title.split("\n")).toHaveLength(2);
    expect(way("2/2")).toHaveClass("o_mwf_way_done");
    expect(way("2/1")).toHaveClass("o_mwf_way_ahead");
    expect(`${card("Which")} .o_mwf_note`).toHaveText("B: At random");
    expect(`${card("Wait")} .o_mwf_status`).toHaveText(/^Waits until/);
    expect(`${card("Wait")} .o_mwf_note`).toHaveText("Until “Welcome” was opened");
    expect(".o_mwf_taken").toHaveCount(0);
});

test("in a test another way can be taken", async () => {
    const trace = {
        id: 13,
        state: "processed",
        outcome: "processed",
        label: "Done",
        execution_date: "2026-01-01 10:00:00",
        branch: 2,
        branch_name: "B",
        branch_reason: "At random",
        reason: "",
        events: {},
    };
    await mountWorkflow({
        steps: STEERING,
        readonly: true,
        canSimulate: true,
        traces: { 2: trace },
    });
    expect(".o_mwf_other_way").toHaveCount(1);
    await contains(`${card("Which")} .o_mwf_other_way`).click();
    expect(queryAllTexts(".dropdown-item")).toEqual(["A", "Control group"]);
    await contains(".dropdown-item:contains(A)").click();
    expect.verifySteps(["takeWay 13 A"]);
});

test("a real journey goes no other way", async () => {
    const trace = {
        id: 13,
        state: "scheduled",
        outcome: "scheduled",
        label: "",
        reason: "",
        events: {},
    };
    await mountWorkflow({ steps: STEERING, readonly: true, traces: { 2: trace } });
    expect(".o_mwf_other_way").toHaveCount(0);
});

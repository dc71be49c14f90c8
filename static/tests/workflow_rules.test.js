import { describe, expect, test } from "@odoo/hoot";
import { makeMockEnv } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { fillDays } from "@marketing_automation/chart/days";
import { getFunnel } from "@marketing_automation/overview/funnel";
import { buildTree } from "@marketing_automation/workflow/workflow_layout";
import {
    getAllowedTriggers,
    getDelayAfterChange,
    getPossibleEvents,
    getTriggerAfterMove,
} from "@marketing_automation/workflow/workflow_rules";
import {
    getBranchText,
    getDurationText,
    getTriggerSentence,
} from "@marketing_automation/workflow/workflow_text";
import { getTraceButtons } from "@marketing_automation/workflow/workflow_trace";
import { getEvents, makeSplit, makeStep, RULES } from "./workflow_test_helpers";

describe.current.tags("headless");
defineMailModels();

/** What can happen to a to-do. */
const TODO = ["activity_done", "activity_overdue", "activity_canceled"];
const keys = (items) => items.map(({ key }) => key);

test("what can follow depends on the activity before", () => {
    expect(keys(getAllowedTriggers(RULES, null))).toEqual(["begin"]);
    const after = (step) => keys(getAllowedTriggers(RULES, step));
    expect(after(makeStep(1, { type: "action" }))).toEqual(["activity"]);
    expect(after(makeStep(1, { type: "sms" }))).toEqual(["activity", "sms_click"]);
    expect(after({ possibleEvents: TODO })).toEqual(["activity", "activity_done"]);
    expect(after(makeStep(1, { type: "split" }))).toEqual(["activity"]);
    expect(after(makeSplit(1))).toEqual(["activity", "branch"]);
    expect(after(makeStep(1, { type: "exit" }))).toEqual([]);
});

test("a delay that nobody has set comes with the trigger", () => {
    const change = (before, delay, delayUnit, trigger) => {
        const after = getDelayAfterChange(RULES, { trigger: before, delay, delayUnit }, trigger);
        return `${after.delay} ${after.delayUnit}`;
    };
    expect(change("mail_open", 0, "hours", "mail_not_open")).toBe("3 days");
    expect(change("mail_not_open", 3, "days", "mail_open")).toBe("0 hours");
    expect(change("mail_open", 2, "hours", "mail_not_open")).toBe("2 hours");
    expect(change("mail_open", 3, "days", "activity")).toBe("3 days");
    expect(change("activity", 0, "days", "mail_open")).toBe("0 days");
    expect(change("gone", 1, "weeks", "gone_too")).toBe("1 weeks");
});

test("a moved step keeps its trigger where it can", () => {
    const move = (trigger, type) => getTriggerAfterMove(RULES, trigger, makeStep(1, { type }));
    expect(move("mail_open", "email")).toBe("mail_open");
    expect(move("mail_open", "sms")).toBe("activity");
    expect(getTriggerAfterMove(RULES, "mail_open", null)).toBe("begin");
    expect(move("begin", "action")).toBe("activity");
    expect(move("activity_done", "action")).toBe("activity");
    expect(getTriggerAfterMove(RULES, "activity_done", { possibleEvents: TODO })).toBe(
        "activity_done"
    );
    expect(move("branch", "email")).toBe("activity");
    expect(move("activity", "goto")).toBe(null);
});

test("events that can still happen", () => {
    const possible = (events, happened) => keys(getPossibleEvents(RULES, events, happened));
    const email = getEvents("email");
    expect(possible(email, {})).toEqual(["mail_open", "mail_bounce"]);
    expect(possible(email, { mail_open: "x" })).toEqual([]);
    expect(possible(email, { mail_bounce: "x" })).toEqual([]);
    expect(possible(getEvents("action"), {})).toEqual([]);
    expect(possible(TODO, {})).toEqual(TODO);
    expect(possible(TODO, { activity_overdue: "x" })).toEqual([
        "activity_done",
        "activity_canceled",
    ]);
    expect(possible(TODO, { activity_done: "x" })).toEqual([]);
});

test("words of a branch", async () => {
    await makeMockEnv();
    expect(getDurationText(1, "days")).toBe("1 day");
    expect(getDurationText(3, "weeks")).toBe("3 weeks");
    const text = (values) => getBranchText(RULES, makeStep(1, values));
    expect(text({ trigger: "mail_not_open", delay: 2, delayUnit: "days" })).toBe(
        "Not opened within 2 days"
    );
    expect(text({ trigger: "mail_not_open", delay: 2, delayUnit: "days", hour: 9 })).toBe(
        "Not opened, 2 days later, at 9:00"
    );
    expect(text({ trigger: "mail_open" })).toBe("Opened, at once");
    expect(text({ trigger: "mail_not_open" })).toBe("Not opened");
    expect(text({ trigger: "begin", delay: 3, delayUnit: "days", hour: 9 })).toBe(
        "Start, 3 days later, at 9:00"
    );
    expect(text({ trigger: "mail_open", delayUnit: "days", hour: 17.5 })).toBe(
        "Opened, at the next 17:30"
    );
    const branchKey = "1/1";
    expect(text({ branchKey, delay: 1, delayUnit: "weeks" })).toBe("1 week later");
    expect(text({ branchKey, delay: 30, delayUnit: "minutes" })).toBe("30 minutes later");
    expect(text({ branchKey, delayUnit: "days", hour: 9 })).toBe("At the next 9:00");
    expect(text({ branchKey })).toBe("At once");
});

test("the trigger as a sentence, with the verb of the type", async () => {
    await makeMockEnv();
    const sentence = (type, trigger, delay, values) =>
        getTriggerSentence(RULES, {
            type,
            trigger,
            delay,
            delayUnit: "days",
            parentName: "Welcome",
            ...values,
        });
    expect(sentence("email", "begin", 0)).toBe("Sends as soon as somebody joins the campaign.");
    expect(sentence("action", "activity", 1)).toBe("Runs 1 day after “Welcome”.");
    expect(sentence("action", "activity", 0, { parentName: false })).toBe("Runs right after “…”.");
    expect(sentence("wait", "mail_open", 0)).toBe("Starts to wait as soon as “Welcome” is opened.");
    expect(sentence("email", "mail_not_open", 3)).toBe(
        "Sends 3 days after “Welcome”, unless it was opened by then."
    );
    expect(sentence("split", "branch", 2, { branchName: "Yes" })).toBe(
        "Splits 2 days after “Welcome”, on branch “Yes”."
    );
    expect(sentence("condition", "activity", 3, { hour: 9 })).toBe(
        "Checks 3 days after “Welcome”. On that day it waits for 9:00."
    );
    expect(sentence("exit", "begin", 0, { hour: 9 })).toBe(
        "Ends the run as soon as somebody joins the campaign. It waits for the next 9:00."
    );
});

test("a step whose addon is gone has no sentence", async () => {
    await makeMockEnv();
    expect(getTriggerSentence(RULES, { type: "letter", trigger: "letter_return" })).toBe("");
    expect(
        getTriggerSentence(RULES, {
            type: "letter",
            trigger: "activity",
            delay: 0,
            parentName: "Welcome",
        })
    ).toBe("Runs right after “Welcome”.");
});

test("what can be done with a step of a journey", async () => {
    await makeMockEnv();
    const buttons = (trace, canSimulate = true) =>
        keys(getTraceButtons(RULES, makeStep(1), trace && { events: {}, ...trace }, canSimulate));
    expect(buttons(null)).toEqual([]);
    expect(buttons({ state: "scheduled", schedule_date: "2026-01-01 10:00:00" })).toEqual(["run"]);
    expect(buttons({ state: "scheduled", schedule_date: false })).toEqual([]);
    expect(buttons({ state: "processed" })).toEqual(["mail_open", "mail_bounce"]);
    expect(buttons({ state: "processed" }, false)).toEqual([]);
    expect(buttons({ state: "error" }, false)).toEqual(["run"]);
    expect(buttons({ state: "rejected" })).toEqual([]);
});

test("a chart shows the days between, too", async () => {
    await makeMockEnv();
    const { labels, columns } = fillDays([
        ["2026-03-01", 2, 0],
        ["2026-03-04", 1, 3],
    ]);
    expect(labels).toHaveLength(5);
    expect(columns).toEqual([
        [0, 2, 0, 0, 1],
        [0, 0, 0, 0, 3],
    ]);
    expect(fillDays([]).labels).toEqual([]);
});

test("the funnel compares each step with the one before", () => {
    const tree = buildTree([makeStep(1), makeStep(2, { parentKey: "1" }), makeStep(3)]);
    const funnel = getFunnel(tree, { 1: { processed: 50 }, 2: { processed: 10 } }, 100);
    expect(funnel.map(({ done, ofPrevious }) => [done, ofPrevious])).toEqual([
        [50, 0.5],
        [10, 0.2],
        [0, 0],
    ]);
});

/** Rules and steps for the tests of the workflow view. */

const trigger = (key, short_label, values = {}) => ({
    key,
    label: short_label,
    short_label,
    icon: "fa-circle",
    category: false,
    event: false,
    negative: false,
    delay: values.negative ? 3 : 0,
    delay_unit: values.negative ? "days" : "hours",
    sentence: "%(does)s %(delay)s after “%(parent)s”.",
    at_once: "%(does)s right after “%(parent)s”.",
    ...values,
});

const event = (key, label, category, values = {}) => ({
    key,
    label,
    category,
    ends: false,
    excludes: [],
    ...values,
});

const figure = (key, label, tone = false) => ({
    key,
    label,
    long_label: label,
    help: `Help of ${key}`,
    icon: "fa-circle",
    tone,
    types: [],
    base: false,
});

const steering = (key, label, values) => ({
    key,
    label,
    icon: "fa-circle",
    kind: "steering",
    can_be_followed: true,
    branch_types: [],
    ...values,
});

/** Figures of a step as the server gives them; what is not given is 0. */
export function makeFigures(values = {}) {
    const { open = 0, click = 0, reply = 0, bounce = 0, sent = 0 } = values;
    const delivered = sent - bounce;
    return {
        ...Object.fromEntries(RULES.outcomes.map(({ key }) => [key, 0])),
        reached: RULES.outcomes.reduce((sum, { key }) => sum + (values[key] || 0), 0),
        sent,
        delivered,
        rates: {
            open: { count: open, base: sent },
            click: { count: click, base: sent },
            reply: { count: reply, base: sent },
            bounce: { count: bounce, base: sent },
        },
        reasons: {},
        history: [],
        ...values,
    };
}

export const RULES = {
    triggers: [
        trigger("begin", "Start", {
            at_once: "%(does)s as soon as somebody joins the campaign.",
        }),
        trigger("activity", "Then"),
        trigger("branch", "Branch", {
            sentence: "%(does)s %(delay)s after “%(parent)s”, on branch “%(branch)s”.",
        }),
        trigger("mail_open", "Opened", {
            category: "email",
            event: "mail_open",
            at_once: "%(does)s as soon as “%(parent)s” is opened.",
        }),
        trigger("mail_not_open", "Not opened", {
            category: "email",
            event: "mail_open",
            negative: true,
            sentence: "%(does)s %(delay)s after “%(parent)s”, unless it was opened by then.",
        }),
        trigger("mail_bounce", "Bounced", { category: "email", event: "mail_bounce" }),
        trigger("sms_click", "Clicked", { category: "sms", event: "sms_click" }),
        trigger("activity_done", "To-do done", { category: "action", event: "activity_done" }),
    ],
    events: [
        event("mail_open", "Opened", "email", { metric: "opened" }),
        event("mail_bounce", "Bounced", "email", { metric: "bounced", ends: true }),
        event("sms_click", "Clicked", "sms", { metric: "clicked" }),
        event("activity_done", "To-do done", "action", {
            excludes: ["activity_overdue", "activity_canceled"],
        }),
        event("activity_overdue", "To-do late", "action"),
        event("activity_canceled", "To-do cancelled", "action", {
            excludes: ["activity_done", "activity_overdue"],
        }),
    ],
    types: [
        { key: "email", label: "Email", icon: "fa-envelope", does: "Sends", kind: "message" },
        { key: "sms", label: "SMS", icon: "fa-mobile", does: "Sends", kind: "message" },
        { key: "action", label: "Server Action", icon: "fa-cogs", does: "Runs", kind: "action" },
        steering("condition", "Condition", {
            does: "Checks",
            branch_types: ["filter", "event", "otherwise"],
        }),
        steering("split", "Split", { does: "Splits", branch_types: ["random"] }),
        steering("wait", "Wait", {
            does: "Starts to wait",
            branch_types: ["met", "timeout"],
            has_time_of_its_own: true,
        }),
        steering("goto", "Go To", { does: "Goes on", can_be_followed: false }),
        steering("exit", "Exit", { does: "Ends the run", can_be_followed: false }),
    ],
    outcomes: [
        figure("processed", "Done", "done"),
        figure("scheduled", "Waiting", "planned"),
        figure("elsewhere", "Other branch", "other"),
        figure("excluded", "Excluded", "excluded"),
        figure("rejected", "Filtered out", "filtered"),
        figure("error", "Failed", "failed"),
    ],
    rates: [
        { ...figure("open", "Opened"), types: ["email"], base: "sent" },
        { ...figure("click", "Clicked"), types: ["email", "sms"], base: "sent" },
        { ...figure("reply", "Replied"), types: ["email"], base: "sent" },
        { ...figure("bounce", "Bounced"), types: ["email", "sms"], base: "sent" },
        { ...figure("activity_done", "To-do done"), types: ["action"], base: "activity_created" },
    ],
    bases: [figure("sent", "Sent"), figure("activity_created", "To-dos")],
    tones: {
        "marketing.trace": {
            processed: "done",
            scheduled: "planned",
            elsewhere: "other",
            excluded: "excluded",
            rejected: "filtered",
            error: "failed",
        },
    },
};

/** What can happen to a step of a type; to a server action only if it creates to-dos. */
export function getEvents(type) {
    const events = RULES.events.filter(({ category }) => category === type);
    return type === "action" ? [] : events.map(({ key }) => key);
}

export function makeStep(id, values = {}) {
    const type = values.type || "email";
    return {
        key: `${id}`,
        resId: id,
        parentKey: false,
        sort: 0,
        name: `Step ${id}`,
        content: "",
        type,
        possibleEvents: getEvents(type),
        branches: [],
        branchKey: false,
        gotoKey: false,
        trigger: "begin",
        delay: 0,
        delayUnit: "hours",
        hasFilter: false,
        expiry: "",
        isChanged: false,
        ...values,
    };
}

/** A way out of a step, as the server gives it and the workflow view takes it. */
export function makeBranch(stepId, id, values = {}) {
    return {
        key: `${stepId}/${id}`,
        id,
        name: "",
        type: "random",
        description: "50 of 110",
        is_holdout: false,
        taken: 0,
        ...values,
    };
}

/** A split with the ways A and B, and a control group. */
export function makeSplit(id, values = {}) {
    return makeStep(id, {
        type: "split",
        branches: [
            makeBranch(id, 1, { name: "A", taken: 12 }),
            makeBranch(id, 2, { name: "B", taken: 1234 }),
            makeBranch(id, 3, { description: "10 of 110", is_holdout: true, taken: 3 }),
        ],
        ...values,
    });
}

/** Numbers between 0 and 1 that follow from the seed (mulberry32). */
export function makeRandom(seed) {
    return () => {
        seed = (seed + 0x6d2b79f5) | 0;
        let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
}

export const card = (name) => `.o_mwf_card:has(.o_mwf_name:contains("${name}"))`;
export const getFocused = () =>
    document.activeElement.querySelector(".o_mwf_name")?.textContent ||
    document.activeElement.dataset.key;

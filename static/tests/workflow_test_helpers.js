/** Rules and steps for the tests of the workflow view. */

const trigger = (key, short_label, category = false, event = false, negative = false) => ({
    key,
    label: short_label,
    short_label,
    icon: "fa-circle",
    category,
    event,
    negative,
});

const figure = (key, label, tone = false) => ({
    key,
    label,
    help: `Help of ${key}`,
    icon: "fa-circle",
    tone,
    types: [],
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
        trigger("begin", "Start"),
        trigger("activity", "Then"),
        trigger("mail_open", "Opened", "email", "mail_open"),
        trigger("mail_not_open", "Not opened", "email", "mail_open", true),
        trigger("mail_bounce", "Bounced", "email", "mail_bounce"),
        trigger("sms_click", "Clicked", "sms", "sms_click"),
    ],
    events: [
        { key: "mail_open", label: "Opened", category: "email", ends: false },
        { key: "mail_bounce", label: "Bounced", category: "email", ends: true },
        { key: "sms_click", label: "Clicked", category: "sms", ends: false },
    ],
    types: [
        { key: "email", label: "Email", icon: "fa-envelope", kind: "message" },
        { key: "sms", label: "SMS", icon: "fa-mobile", kind: "message" },
        { key: "action", label: "Server Action", icon: "fa-cogs", kind: "action" },
    ],
    outcomes: [
        figure("processed", "Done", "done"),
        figure("scheduled", "Waiting", "planned"),
        figure("elsewhere", "Other branch"),
        figure("excluded", "Excluded"),
        figure("rejected", "Filtered out", "stopped"),
        figure("error", "Failed", "stopped"),
    ],
    rates: [
        { ...figure("open", "Opened"), types: ["email"] },
        { ...figure("click", "Clicked"), types: ["email", "sms"] },
        { ...figure("reply", "Replied"), types: ["email"] },
        { ...figure("bounce", "Bounced"), types: ["email", "sms"] },
    ],
};

export function makeStep(id, values = {}) {
    return {
        key: `${id}`,
        resId: id,
        parentKey: false,
        sort: 0,
        name: `Step ${id}`,
        content: "",
        type: "email",
        trigger: "begin",
        delay: 0,
        delayUnit: "hours",
        hasFilter: false,
        expiry: "",
        isChanged: false,
        ...values,
    };
}

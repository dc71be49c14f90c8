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
        { key: "email", label: "Email", icon: "fa-envelope" },
        { key: "sms", label: "SMS", icon: "fa-mobile" },
        { key: "action", label: "Server Action", icon: "fa-cogs" },
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

/**
 * What the rules of a workflow allow, as pure functions. The rules themselves come
 * from the server (`marketing.activity.get_workflow_rules`).
 *
 * @typedef {{ key: string, label: string, short_label: string, icon: string,
 *  category: string | false, event: string | false, negative: boolean }} Trigger
 * @typedef {{ key: string, label: string, help: string, icon: string | false,
 *  tone: string | false, types: string[] }} Figure
 * @typedef {{ triggers: Trigger[], events: Object[], types: Object[], outcomes: Figure[],
 *  rates: Figure[] }} Rules
 */

/**
 * @param {Rules} rules
 * @param {string} key
 * @returns {Trigger}
 */
export function getTrigger(rules, key) {
    return rules.triggers.find((trigger) => trigger.key === key);
}

/**
 * Whether steps of a type send something, which things can happen to.
 *
 * @param {Rules} rules
 * @param {string} type
 * @returns {boolean}
 */
export function isMessage(rules, type) {
    return rules.types.find(({ key }) => key === type)?.kind === "message";
}

/**
 * Triggers of what can come after an activity of a type, or at the start.
 *
 * @param {Rules} rules
 * @param {string | null} parentType null for the start
 * @returns {Trigger[]}
 */
export function getAllowedTriggers(rules, parentType) {
    if (parentType === null) {
        return rules.triggers.filter((trigger) => trigger.key === "begin");
    }
    return rules.triggers.filter(
        (trigger) =>
            trigger.key !== "begin" && (!trigger.category || trigger.category === parentType)
    );
}

/**
 * The trigger that a step gets when it is moved below a parent: its own, or the plain
 * one where it comes from or goes to the start.
 *
 * @param {Rules} rules
 * @param {string} trigger key of its trigger now
 * @param {string | null} parentType null for the start
 * @returns {string | null} null where it cannot go
 */
export function getTriggerAfterMove(rules, trigger, parentType) {
    if (parentType === null) {
        return "begin";
    }
    const wanted = trigger === "begin" ? "activity" : trigger;
    const allowed = getAllowedTriggers(rules, parentType);
    return allowed.some(({ key }) => key === wanted) ? wanted : null;
}

/**
 * Events that can still happen to a message. One that ends its life, like a bounce, only
 * comes first.
 *
 * @param {Rules} rules
 * @param {string} type type of its activity
 * @param {Object} happened dates by key of the event
 * @returns {Object[]}
 */
export function getPossibleEvents(rules, type, happened) {
    const events = rules.events.filter((event) => event.category === type);
    const past = events.filter((event) => event.key in happened);
    if (past.some((event) => event.ends)) {
        return [];
    }
    return events.filter((event) => !past.includes(event) && !(event.ends && past.length));
}

/**
 * What the rules of a workflow allow, as pure functions. The rules themselves come
 * from the server (`marketing.activity.get_workflow_rules`).
 *
 * @typedef {{ key: string, label: string, short_label: string, icon: string,
 *  category: string | false, event: string | false, negative: boolean }} Trigger
 * @typedef {{ key: string, label: string, long_label: string, help: string, icon: string | false,
 *  tone: string | false, types: string[], base: string | false }} Figure
 * @typedef {{ triggers: Trigger[], events: Object[], types: Object[], outcomes: Figure[],
 *  rates: Figure[], bases: Figure[] }} Rules
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
 * Triggers of what can come after a step, or at the start.
 *
 * @param {Rules} rules
 * @param {string[] | null} parentEvents what can happen to the step; null for the start
 * @returns {Trigger[]}
 */
export function getAllowedTriggers(rules, parentEvents) {
    if (parentEvents === null) {
        return rules.triggers.filter((trigger) => trigger.key === "begin");
    }
    return rules.triggers.filter(
        (trigger) =>
            trigger.key !== "begin" && (!trigger.event || parentEvents.includes(trigger.event))
    );
}

/**
 * The trigger that a step gets when it is moved below a parent: its own, or the plain
 * one where it comes from or goes to the start.
 *
 * @param {Rules} rules
 * @param {string} trigger key of its trigger now
 * @param {string[] | null} parentEvents what can happen to the parent; null for the start
 * @returns {string | null} null where it cannot go
 */
export function getTriggerAfterMove(rules, trigger, parentEvents) {
    if (parentEvents === null) {
        return "begin";
    }
    const wanted = trigger === "begin" ? "activity" : trigger;
    const allowed = getAllowedTriggers(rules, parentEvents);
    return allowed.some(({ key }) => key === wanted) ? wanted : null;
}

/**
 * Events that can still happen to what a step did. One that ends its life, like a bounce, only
 * comes first; some exclude others, like done and cancelled.
 *
 * @param {Rules} rules
 * @param {string[]} possible keys of the events that can happen to the step
 * @param {Object} happened dates by key of the event
 * @returns {Object[]}
 */
export function getPossibleEvents(rules, possible, happened) {
    const events = rules.events.filter((event) => possible.includes(event.key));
    const past = events.filter((event) => event.key in happened);
    if (past.some((event) => event.ends)) {
        return [];
    }
    return events.filter(
        (event) =>
            !past.includes(event) &&
            !(event.ends && past.length) &&
            !past.some(({ excludes }) => excludes.includes(event.key))
    );
}

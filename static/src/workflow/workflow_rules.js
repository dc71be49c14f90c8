/**
 * What the rules of a workflow allow, as pure functions. The rules themselves come
 * from the server (`marketing.activity.get_workflow_rules`).
 *
 * @typedef {{ key: string, label: string, short_label: string, icon: string,
 *  category: string | false, event: string | false, negative: boolean, delay: number,
 *  delay_unit: string, sentence: string, at_once: string }} Trigger
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
 * @param {Rules} rules
 * @param {string} key
 * @returns {Object | undefined} nothing if its addon is gone
 */
export function getType(rules, key) {
    return rules.types.find((type) => type.key === key);
}

/** @returns {boolean} whether steps of a type decide where a run goes on */
export function isSteering(rules, key) {
    return getType(rules, key)?.kind === "steering";
}

/**
 * The delay with which a new step begins, as values of its record.
 *
 * @param {Rules} rules
 * @param {string} trigger
 * @returns {Object} nothing where it comes at once
 */
export function getProposedDelay(rules, trigger) {
    const { delay, delay_unit: unit } = getTrigger(rules, trigger) || {};
    return delay ? { interval_number: delay, interval_type: unit } : {};
}

/**
 * What becomes of the delay of a step that gets another trigger: while nobody has set it, it is
 * the one that the trigger proposes.
 *
 * @param {Rules} rules
 * @param {{ trigger: string, delay: number, delayUnit: string }} step as it was
 * @param {string} trigger the new one
 * @returns {{ delay: number, delayUnit: string }}
 */
export function getDelayAfterChange(rules, { trigger: before, delay, delayUnit }, trigger) {
    const old = getTrigger(rules, before);
    const proposal = getTrigger(rules, trigger);
    const isUntouched = !delay || (old && delay === old.delay && delayUnit === old.delay_unit);
    return isUntouched && proposal && proposal.delay !== delay
        ? { delay: proposal.delay, delayUnit: proposal.delay_unit }
        : { delay, delayUnit };
}

/**
 * Triggers of what can come after a step, on its branches included, or at the start.
 *
 * @param {Rules} rules
 * @param {{ type?: string, possibleEvents: string[], branches?: Object[] } | null} parent the
 *  step; null for the start
 * @returns {Trigger[]}
 */
export function getAllowedTriggers(rules, parent) {
    if (!parent) {
        return rules.triggers.filter((trigger) => trigger.key === "begin");
    }
    if (getType(rules, parent.type)?.can_be_followed === false) {
        return [];
    }
    return rules.triggers.filter(({ key, event }) => {
        if (key === "begin") {
            return false;
        }
        return key === "branch"
            ? Boolean(parent.branches?.some((branch) => !branch.is_holdout))
            : !event || parent.possibleEvents.includes(event);
    });
}

/**
 * The trigger that a step gets when it is moved below a parent: its own where that can happen
 * there, or what is the same of another message ("clicked" of a text message for "clicked" of an
 * email); else the plain one.
 *
 * @param {Rules} rules
 * @param {string} trigger key of its trigger now
 * @param {Object | null} parent the step that it goes to; null for the start
 * @returns {string | null} null where nothing can come
 */
export function getTriggerAfterMove(rules, trigger, parent) {
    if (!parent) {
        return "begin";
    }
    const allowed = getAllowedTriggers(rules, parent);
    if (!allowed.length) {
        return null;
    }
    const { event, negative } = getTrigger(rules, trigger) || {};
    if (!event) {
        return "activity";
    }
    const metric = getMetric(rules, event);
    const found =
        allowed.find(({ key }) => key === trigger) ||
        allowed.find(
            (other) =>
                other.event &&
                other.negative === negative &&
                getMetric(rules, other.event) === metric
        );
    return found ? found.key : "activity";
}

/** What an event is counted as: the same for what is the same of several kinds of messages. */
function getMetric(rules, event) {
    return rules.events.find(({ key }) => key === event)?.metric;
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

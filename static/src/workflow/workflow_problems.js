/** What keeps steps from running, as pure functions. */

import { sprintf } from "@web/core/utils/strings";
import { getType } from "./workflow_rules";

/**
 * @typedef {{ message: string, activity_id: number | false, entry_id: number | false }} Problem
 *  as the server tells it of what is saved
 *
 * @param {Problem[]} problems
 * @param {"activity_id" | "entry_id"} name
 * @returns {Object} messages by the id of what they are about
 */
export function getMessages(problems, name) {
    const messages = {};
    for (const problem of problems) {
        if (problem[name]) {
            (messages[problem[name]] ||= []).push(problem.message);
        }
    }
    return messages;
}

/**
 * What the server has found, brought up to date: whether there is something to send or to run is
 * seen at once, also for what is not saved.
 *
 * @param {import("./workflow_rules").Rules} rules
 * @param {Object[]} steps
 * @param {Problem[]} problems
 * @returns {Object} messages by key of the step
 */
export function getStepProblems(rules, steps, problems) {
    const saved = getMessages(problems, "activity_id");
    const all = {};
    for (const step of steps) {
        const missing = getMissing(rules, step);
        const messages = (saved[step.resId] || []).filter((message) => message !== missing.text);
        if (missing.isMissing) {
            messages.unshift(missing.text);
        }
        if (messages.length) {
            all[step.key] = messages;
        }
    }
    return all;
}

function getMissing(rules, { name, type, content, gotoKey }) {
    const { missing } = getType(rules, type) || {};
    return {
        text: missing ? sprintf(missing, { activity: name }) : "",
        isMissing: Boolean(missing) && !content && !gotoKey,
    };
}

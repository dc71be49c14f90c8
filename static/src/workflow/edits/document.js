/**
 * A workflow as plain data, which edits change (see `apply.js`). It knows no records, and no form.
 *
 * @typedef {{ key: string, resId: number | false, parentKey: string | false,
 *  branchKey: string | false, trigger: string, lost: Lost | null, values: Object,
 *  possibleEvents: string[], branches: import("../workflow_steps").Branch[] }} DocumentStep
 *  `values` are what can be edited, by name of the field; the last two follow from them
 * @typedef {{ trigger: string, given: string }} Lost the trigger that a step had before it came to
 *  a place that knows none like it, and what it was given instead: so it can have it again
 * @typedef {{ parentKey: string | false, branchKey: string | false, trigger: string,
 *  lost: Lost | null }} Place false: at the start, or on no branch
 * @typedef {Map<string, DocumentStep>} WorkflowDocument steps by key
 */

export const PLACE = ["parentKey", "branchKey", "trigger", "lost"];

/** When a step comes, seen from its place. */
export const DELAY = ["interval_number", "interval_type", "time_of_day"];

/**
 * @param {Object} step as the workflow view draws it
 * @param {Object} values
 * @param {Lost | null} [lost]
 * @returns {DocumentStep}
 */
export function makeDocumentStep(step, values, lost = null) {
    return {
        key: step.key,
        resId: step.resId,
        parentKey: step.parentKey,
        branchKey: step.branchKey,
        trigger: step.trigger,
        lost,
        values,
        possibleEvents: step.possibleEvents,
        branches: step.branches,
    };
}

/**
 * @param {WorkflowDocument} document
 * @param {string | false} key
 * @returns {DocumentStep[]} those that come after it
 */
export function getFollowers(document, key) {
    return [...document.values()].filter(({ parentKey }) => parentKey === key);
}

/**
 * @param {WorkflowDocument} document
 * @param {string} key
 * @returns {string[]} the keys of a step and of all below it, each before what comes after it
 */
export function getBranchOf(document, key) {
    return [key, ...getFollowers(document, key).flatMap((step) => getBranchOf(document, step.key))];
}

/**
 * @param {Object | null} parent null for the start
 * @param {Object | null} branch the one of it, or whatever the branch
 * @returns {{ parentKey: string | false, branchKey: string | false }}
 */
export function getPlaceKeys(parent, branch) {
    return { parentKey: parent ? parent.key : false, branchKey: branch ? branch.key : false };
}

/**
 * @param {WorkflowDocument} document
 * @param {string[]} keys of steps
 * @returns {string[]} without those that come after others of them
 */
export function getRoots(document, keys) {
    return keys.filter(
        (key) => !keys.some((other) => other !== key && isAbove(document, other, key))
    );
}

/**
 * @param {WorkflowDocument} document
 * @param {string} key
 * @param {string | false} otherKey
 * @returns {boolean} whether a step is the other one, or above it
 */
export function isAbove(document, key, otherKey) {
    for (let above = otherKey; above; above = document.get(above)?.parentKey) {
        if (above === key) {
            return true;
        }
    }
    return false;
}

/**
 * The way out with a key. Those that are not saved are called by their position, and by their id
 * once they are: both names find them.
 *
 * @param {DocumentStep} step
 * @param {string | false} branchKey
 * @returns {import("../workflow_steps").Branch | undefined}
 */
export function getBranch({ branches }, branchKey) {
    const position = /\/new(\d+)$/.exec(branchKey || "")?.[1];
    return branches.find(({ key }) => key === branchKey) || branches[position];
}

/**
 * @param {any} a value of a field
 * @param {any} b
 * @returns {boolean} whether they mean the same; a record is its id
 */
export function isSame(a, b) {
    const plain = (value) => (value && typeof value === "object" ? value.id : value) || false;
    return plain(a) === plain(b);
}

function isSameLost(a, b) {
    return a?.trigger === b?.trigger && a?.given === b?.given;
}

/**
 * What of a step differs from what it was.
 *
 * @param {DocumentStep} from
 * @param {DocumentStep} to
 * @returns {{ place: Place | null, values: Object }} the place, if that is another one; and the
 *  values that both know
 */
export function getDifference(from, to) {
    const isMoved = PLACE.some((name) =>
        name === "lost" ? !isSameLost(from.lost, to.lost) : from[name] !== to[name]
    );
    return {
        place: isMoved ? getPlace(to) : null,
        values: Object.fromEntries(
            Object.entries(to.values).filter(
                ([name, value]) => name in from.values && !isSame(from.values[name], value)
            )
        ),
    };
}

/**
 * @param {Place} step
 * @returns {Place}
 */
export function getPlace({ parentKey, branchKey, trigger, lost }) {
    return { parentKey, branchKey, trigger, lost };
}

/**
 * A workflow as plain data, which edits change (see `apply.js`). It knows no records, and no form.
 *
 * @typedef {{ key: string, resId: number | false, parentKey: string | false,
 *  branchKey: string | false, trigger: string, lost: Lost | null, values: Object,
 *  ways: Way[] | null, possibleEvents: string[],
 *  branches: import("../workflow_steps").Branch[] }} DocumentStep `values` are what can be edited,
 *  by name of the field, `ways` the branches as they are edited, null where they are not known; the
 *  last two follow from these
 * @typedef {{ key: string, values: Object }} Way a branch, by a key that is unique in its step
 * @typedef {{ trigger: string, given: string }} Lost the trigger that a step had before it came to
 *  a place that knows none like it, and what it was given instead: so it can have it again
 * @typedef {{ parentKey: string | false, branchKey: string | false, trigger: string,
 *  lost: Lost | null }} Place false: at the start, or on no branch
 * @typedef {Map<string, DocumentStep>} WorkflowDocument steps by key
 */

import { sortBy } from "@web/core/utils/arrays";
import { getBranchKey } from "../workflow_steps";

export const PLACE = ["parentKey", "branchKey", "trigger", "lost"];

/** When a step comes, seen from its place. */
export const DELAY = ["interval_number", "interval_type", "time_of_day"];

/**
 * @param {Object} step as the workflow view draws it
 * @param {Object} values
 * @param {{ lost?: Lost | null, ways?: Way[] | null }} [more]
 * @returns {DocumentStep}
 */
export function makeDocumentStep(step, values, { lost = null, ways = null } = {}) {
    return {
        key: step.key,
        resId: step.resId,
        parentKey: step.parentKey,
        branchKey: step.branchKey,
        trigger: step.trigger,
        lost,
        values,
        ways,
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
 * @param {string} wayKey
 * @returns {DocumentStep[]} those that come after it on one of its ways out
 */
export function getFollowersOnBranch(document, key, wayKey) {
    const branchKey = getBranchKey(key, wayKey);
    return getFollowers(document, key).filter((step) => step.branchKey === branchKey);
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
 * @param {DocumentStep} step
 * @param {string | false} branchKey
 * @returns {import("../workflow_steps").Branch | undefined} the way out with a key
 */
export function getBranch({ branches }, branchKey) {
    return branches.find(({ key }) => key === branchKey);
}

/**
 * A step with other ways out, which are drawn as far as their values say it.
 *
 * @param {DocumentStep} step
 * @param {Way[] | null} ways null leaves those that it has
 * @returns {DocumentStep}
 */
export function withWays(step, ways) {
    if (!ways) {
        return step;
    }
    const getOrder = ({ values }) =>
        values.branch_type === "otherwise" ? Infinity : values.sequence || 0;
    const branches = sortBy(ways, getOrder).map(({ key: wayKey, values }) => {
        const key = getBranchKey(step.key, wayKey);
        const { name, branch_type: type, is_holdout: isHoldout } = values;
        return {
            ...(getBranch(step, key) || { id: false, description: "", taken: 0 }),
            key,
            name: name || "",
            type,
            is_holdout: Boolean(isHoldout),
        };
    });
    return { ...step, ways, branches };
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
 * @param {Object} from values by name of the field
 * @param {Object} to
 * @returns {Object} the values that both know, and that are others
 */
export function getOtherValues(from, to) {
    return Object.fromEntries(
        Object.entries(to).filter(([name, value]) => name in from && !isSame(from[name], value))
    );
}

function areSameWays(from, to) {
    const before = new Map(from.map((way) => [way.key, way]));
    return (
        from.length === to.length &&
        to.every(
            ({ key, values }) =>
                before.has(key) &&
                !Object.keys(getOtherValues(before.get(key).values, values)).length
        )
    );
}

/**
 * What of a step differs from what it was.
 *
 * @param {DocumentStep} from
 * @param {DocumentStep} to
 * @returns {{ place: Place | null, values: Object, ways: Way[] | null,
 *  branches: import("../workflow_steps").Branch[] | null }} the place, and the ways out with what
 *  is drawn of them, if these are others; and the values that both know
 */
export function getDifference(from, to) {
    const isMoved = PLACE.some((name) =>
        name === "lost" ? !isSameLost(from.lost, to.lost) : from[name] !== to[name]
    );
    const hasOtherWays = from.ways && to.ways && !areSameWays(from.ways, to.ways);
    return {
        place: isMoved ? getPlace(to) : null,
        values: getOtherValues(from.values, to.values),
        ways: hasOtherWays ? to.ways : null,
        branches: hasOtherWays ? to.branches : null,
    };
}

/**
 * @param {{ place: Place | null, values: Object, ways: Way[] | null }} difference
 * @returns {boolean} whether there is none
 */
export function isNothing({ place, values, ways }) {
    return !place && !ways && !Object.keys(values).length;
}

/**
 * @param {Place} step
 * @returns {Place}
 */
export function getPlace({ parentKey, branchKey, trigger, lost }) {
    return { parentKey, branchKey, trigger, lost };
}

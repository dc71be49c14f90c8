/** Edits that people make, as lists of direct ones; pure functions. */

import { _t } from "@web/core/l10n/translation";
import { pick } from "@web/core/utils/objects";
import { getProposedDelay, getTriggerAfterMove, getType } from "../workflow_rules";
import { DELAY, getBranchOf, getFollowers, getFollowersOnBranch, getPlace } from "./document";
import { getBranchKey } from "../workflow_steps";

const AT_ONCE = { interval_number: 0, time_of_day: 0 };

/**
 * A name that no other step has: "Email", then "Email 2".
 *
 * @param {import("./document").WorkflowDocument} document
 * @param {string} name
 * @returns {string}
 */
export function getFreeName(document, name) {
    const taken = new Set([...document.values()].map(({ values }) => values.name));
    let free = name;
    for (let number = 2; taken.has(free); number++) {
        free = `${name} ${number}`;
    }
    return free;
}

/**
 * A new step at a place.
 *
 * @param {import("./document").WorkflowDocument} document
 * @param {import("../workflow_rules").Rules} rules
 * @param {{ key: string, type: string, place: import("./document").Place, values?: Object }} params
 * @returns {import("./apply").Edit[]}
 */
export function addStep(document, rules, { key, type, place, values = {} }) {
    const name = getFreeName(document, getType(rules, type)?.label || _t("Step"));
    const step = {
        key,
        resId: false,
        ...place,
        lost: null,
        values: {
            name,
            activity_type: type,
            ...getProposedDelay(rules, place.trigger),
            ...values,
        },
        ways: null,
        possibleEvents: [],
        branches: [],
    };
    return [{ type: "add", step }];
}

/**
 * A new step on the line to another one, which follows it at once from then on: the new one takes
 * over when that came.
 *
 * @param {import("./document").WorkflowDocument} document
 * @param {import("../workflow_rules").Rules} rules
 * @param {{ key: string, type: string, childKey: string }} params
 * @returns {import("./apply").Edit[]}
 */
export function insertStep(document, rules, { key, type, childKey }) {
    const child = document.get(childKey);
    return [
        ...addStep(document, rules, {
            key,
            type,
            place: getPlace(child),
            values: getDelay(rules, child.values, type),
        }),
        ...follow(rules, child, key),
    ];
}

/**
 * Move a step, with what follows it, to another place.
 *
 * @param {import("./document").WorkflowDocument} document
 * @param {import("../workflow_rules").Rules} rules
 * @param {{ key: string, parentKey: string | false, branchKey: string | false }} params
 * @returns {import("./apply").Edit[]}
 */
export function moveStep(document, rules, { key, parentKey, branchKey }) {
    return [
        {
            type: "place",
            key,
            place: getPlaceAfterMove(document, rules, { key, parentKey, branchKey }),
        },
    ];
}

/**
 * Move a step, with what follows it, onto the line to another one.
 *
 * @param {import("./document").WorkflowDocument} document
 * @param {import("../workflow_rules").Rules} rules
 * @param {{ key: string, childKey: string }} params
 * @returns {import("./apply").Edit[]}
 */
export function moveOntoLine(document, rules, { key, childKey }) {
    const child = document.get(childKey);
    const delay = getDelay(rules, child.values, document.get(key).values.activity_type);
    return [
        { type: "place", key, place: { ...getPlace(child), lost: null } },
        ...(Object.keys(delay).length ? [{ type: "change", key, values: delay }] : []),
        ...follow(rules, child, key),
    ];
}

/**
 * Let what follows a step go on from where that is, so that it can be moved or taken out alone.
 *
 * @param {import("./document").WorkflowDocument} document
 * @param {import("../workflow_rules").Rules} rules
 * @param {string} key
 * @returns {import("./apply").Edit[]}
 */
export function leaveFollowers(document, rules, key) {
    const { parentKey, branchKey } = document.get(key);
    return getFollowers(document, key).flatMap((follower) =>
        moveStep(document, rules, { key: follower.key, parentKey, branchKey })
    );
}

/**
 * Copies of steps at places; what follows the originals and is copied, too, follows the copies.
 *
 * @param {import("./document").WorkflowDocument} document
 * @param {import("../workflow_rules").Rules} rules
 * @param {{ copies: Object[], paste: string, getTarget: (id: number) => { parentKey: string | false,
 *  branchKey: string | false } }} params what `get_copies` has answered; a name of this paste, which
 *  nothing else has; and the place of the copy of one that follows none of the others
 * @returns {import("./apply").Edit[]}
 */
export function pasteSteps(document, rules, { copies, paste, getTarget }) {
    const getKey = (id) => `${paste}-${id}`;
    const edits = [];
    for (const copy of copies) {
        const key = getKey(copy.id);
        const step = {
            key,
            resId: false,
            trigger: copy.trigger_type,
            lost: null,
            values: {
                ...pick(copy.values, "activity_type", ...DELAY),
                name: getCopyName(document, copy.name),
            },
            defaults: { ...copy.values, copied_from: `${paste}/${copy.id}` },
            possibleEvents: copy.possible_events,
            ways: null,
            branches: copy.branches.map((branch) => ({
                ...branch,
                key: getBranchKey(key, branch.key),
            })),
        };
        const above = copy.parent_id && getKey(copy.parent_id);
        const place = above
            ? {
                  parentKey: above,
                  branchKey: copy.branch && getBranchKey(above, copy.branch),
              }
            : getPlaceOf(document, rules, step, getTarget(copy.id));
        edits.push({ type: "add", step: { ...step, ...place } });
        // Names of those that are still to come differ from its own.
        document = new Map(document).set(key, step);
    }
    return edits;
}

/**
 * Let a step come at another time, after the same step.
 *
 * @param {import("./document").WorkflowDocument} document
 * @param {{ key: string, choice?: { trigger: string, branch: Object | null }, delay: number,
 *  delayUnit: string, hour?: number }} params what is not given stays
 * @returns {import("./apply").Edit[]}
 */
export function changeTiming(document, { key, choice, delay, delayUnit, hour }) {
    const { parentKey, branchKey, trigger } = document.get(key);
    const place = choice && {
        parentKey,
        branchKey: choice.branch ? choice.branch.key : false,
        trigger: choice.trigger,
        lost: null,
    };
    const isSame = !place || (place.branchKey === branchKey && place.trigger === trigger);
    const values = { interval_number: delay, interval_type: delayUnit };
    return [
        ...(isSame ? [] : [{ type: "place", key, place }]),
        {
            type: "change",
            key,
            values: hour === undefined ? values : { ...values, time_of_day: hour },
        },
    ];
}

/**
 * Steps that were cut, at another place.
 *
 * @param {import("./document").WorkflowDocument} document
 * @param {import("../workflow_rules").Rules} rules
 * @param {{ steps: import("./document").DocumentStep[], parentKey: string | false,
 *  branchKey: string | false }} params each before what comes after it
 * @returns {import("./apply").Edit[]}
 */
export function pasteCut(document, rules, { steps, parentKey, branchKey }) {
    const keys = new Set(steps.map(({ key }) => key));
    return steps.map((step) => ({
        type: "add",
        step: keys.has(step.parentKey)
            ? step
            : { ...step, ...getPlaceOf(document, rules, step, { parentKey, branchKey }) },
    }));
}

/** Its own, or one that says that it is a copy. */
function getCopyName(document, name) {
    const isTaken = [...document.values()].some(({ values }) => values.name === name);
    return isTaken ? getFreeName(document, _t("%s (copy)", name)) : name;
}

/**
 * @param {import("./document").WorkflowDocument} document
 * @param {string} key
 * @returns {import("./apply").Edit[]} takes a step out, with all that follows it
 */
export function takeOutStep(document, key) {
    return getBranchOf(document, key)
        .reverse()
        .map((each) => ({ type: "takeOut", key: each }));
}

/**
 * @param {import("./document").WorkflowDocument} document
 * @param {string} key
 * @param {string} wayKey
 * @returns {import("./apply").Edit[]} takes a way out from a step, with all that follows on it
 */
export function takeOutWay(document, key, wayKey) {
    const ways = document.get(key).ways.filter((way) => way.key !== wayKey);
    return [
        ...getFollowersOnBranch(document, key, wayKey).flatMap((follower) =>
            takeOutStep(document, follower.key)
        ),
        { type: "changeWays", key, ways },
    ];
}

/**
 * The place that a step has after a move: it keeps its trigger where that can happen there too,
 * or one like it; else it comes whatever happens, and has its trigger again where it can be.
 *
 * @param {import("./document").WorkflowDocument} document
 * @param {import("../workflow_rules").Rules} rules
 * @param {{ key: string, parentKey: string | false, branchKey: string | false }} params
 * @returns {import("./document").Place}
 */
export function getPlaceAfterMove(document, rules, { key, parentKey, branchKey }) {
    return getPlaceOf(document, rules, document.get(key), { parentKey, branchKey });
}

function getPlaceOf(document, rules, step, { parentKey, branchKey }) {
    const parent = document.get(parentKey);
    const wanted = getWantedTrigger(step);
    const trigger = branchKey
        ? "branch"
        : getTriggerAfterMove(
              rules,
              wanted,
              parent ? { ...parent, type: parent.values.activity_type } : null
          );
    const isKept = trigger === wanted || !isEventful(rules, wanted);
    return {
        parentKey,
        branchKey,
        trigger: trigger || "activity",
        lost: isKept ? null : { trigger: wanted, given: trigger },
    };
}

/** The trigger that a step has, or would have if its place allowed it. */
function getWantedTrigger({ trigger, lost }) {
    return lost?.given === trigger ? lost.trigger : trigger;
}

function isEventful(rules, key) {
    return Boolean(rules.triggers.find((trigger) => trigger.key === key)?.event);
}

/** Let a step follow another one at once. */
function follow(rules, step, parentKey) {
    const hasTime = getType(rules, step.values.activity_type)?.has_time_of_its_own;
    const values = Object.fromEntries(
        Object.entries(AT_ONCE).filter(
            ([name]) => name in step.values && !(hasTime && name === "time_of_day")
        )
    );
    return [
        {
            type: "place",
            key: step.key,
            place: { parentKey, branchKey: false, trigger: "activity", lost: null },
        },
        { type: "change", key: step.key, values },
    ];
}

/** When a step comes, for one of a type that takes its place. */
function getDelay(rules, values, type) {
    const hasTime = [type, values.activity_type].some(
        (each) => getType(rules, each)?.has_time_of_its_own
    );
    return Object.fromEntries(
        DELAY.filter((name) => name in values && !(hasTime && name === "time_of_day")).map(
            (name) => [name, values[name]]
        )
    );
}

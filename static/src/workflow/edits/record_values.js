/** Between the lines of a form and a document: what can be edited of a line, and what is written. */

import { pick } from "@web/core/utils/objects";
import { x2ManyCommands } from "@web/core/orm_service";
import { getRecordKey, getStepsOfRecords, getWayKey } from "../workflow_steps";
import { getBranch, getDifference, getOtherValues, makeDocumentStep } from "./document";

const SCALARS = ["boolean", "char", "float", "integer", "many2one", "selection", "text"];

const { CREATE, UPDATE } = x2ManyCommands;

/** What says where a step or a branch is, or names it; and what the server notes itself. */
const NOT_VALUES = new Set([
    "id",
    "display_name",
    "key",
    "activity_id",
    "campaign_id",
    "parent_id",
    "parent_key",
    "branch_id",
    "branch_key",
    "trigger_type",
    "is_taken_out",
]);

/**
 * @param {import("@web/model/relational_model/record").Record[]} records lines of a form
 * @param {Map<string, import("./document").Lost>} lost what steps have lost, by key
 * @returns {import("./document").WorkflowDocument}
 */
export function readDocument(records, lost) {
    const byKey = new Map(records.map((record) => [getRecordKey(record), record]));
    return new Map(
        getStepsOfRecords(records).map((step) => [
            step.key,
            makeDocumentStep(step, getValues(byKey.get(step.key)), {
                lost: lost.get(step.key),
                ways: getWays(byKey.get(step.key)),
            }),
        ])
    );
}

/** @returns {import("./document").Way[] | null} null where they are not known */
function getWays(step) {
    return hasBranches(step)
        ? getBranchRecords(step)
              .filter((record) => !record.data.is_taken_out)
              .map((record) => ({ key: getRecordKey(record), values: getValues(record) }))
        : null;
}

/**
 * @param {import("@web/model/relational_model/record").Record} record line of a form
 * @returns {boolean} whether its form has loaded its branches; else there may be their ids alone
 */
export function hasBranches({ activeFields }) {
    return "branch_ids" in activeFields && activeFields.branch_ids.invisible !== "True";
}

/**
 * @param {import("@web/model/relational_model/record").Record} record line of a form
 * @returns {import("@web/model/relational_model/record").Record[]} its branches, also those that are
 *  taken out; none until its form has loaded them
 */
export function getBranchRecords(record) {
    return hasBranches(record) ? record.data.branch_ids.records : [];
}

/**
 * @param {import("@web/model/relational_model/record").Record[]} records branches of a step
 * @param {import("./document").Way[]} ways
 * @returns {Array[]} commands that let the branches be these; empty if they are. What is taken out
 *  stays in the list, to be put back
 */
export function getWayCommands(records, ways) {
    const byKey = new Map(records.map((record) => [getRecordKey(record), record]));
    const keys = new Set(ways.map(({ key }) => key));
    const update = ({ resId, _virtualId }, values) =>
        Object.keys(values).length ? [[UPDATE, resId || _virtualId, values]] : [];
    return [
        ...records
            .filter((record) => !record.data.is_taken_out && !keys.has(getRecordKey(record)))
            .flatMap((record) => update(record, { is_taken_out: true })),
        ...ways.flatMap(({ key, values }) => {
            const record = byKey.get(key);
            return record
                ? update(record, {
                      ...getOtherValues(getValues(record), values),
                      ...(record.data.is_taken_out && { is_taken_out: false }),
                  })
                : [[CREATE, false, { ...values, key }]];
        }),
    ];
}

/** Values of fields that people edit and that are one thing each. */
function getValues({ data, fields }) {
    return pick(
        data,
        ...Object.keys(data).filter(
            (name) =>
                !NOT_VALUES.has(name) &&
                !fields[name].readonly &&
                SCALARS.includes(fields[name].type)
        )
    );
}

/**
 * @param {import("./document").DocumentStep} from
 * @param {import("./document").DocumentStep} to
 * @param {import("./document").WorkflowDocument} document where it goes to
 * @returns {Object} values to write, empty if there is nothing to write
 */
export function getFieldValues(from, to, document) {
    const { values } = getDifference(from, to);
    const isMoved = ["parentKey", "branchKey", "trigger"].some((name) => from[name] !== to[name]);
    return isMoved ? { ...values, ...getPlaceValues(to, document) } : values;
}

/**
 * @param {import("./document").Place} place
 * @param {import("./document").WorkflowDocument} document
 * @returns {Object} the place as values of fields; what is saved also by its id
 */
export function getPlaceValues({ parentKey, branchKey, trigger }, document) {
    const parent = document.get(parentKey);
    const branch = parent && branchKey && getBranch(parent, branchKey);
    return {
        trigger_type: trigger,
        parent_key: parentKey,
        parent_id: parent?.resId ? { id: parent.resId, display_name: parent.values.name } : false,
        branch_key: branch ? getWayKey(parentKey, branch.key) : false,
        branch_id: branch?.id
            ? { id: branch.id, display_name: branch.name || branch.description }
            : false,
    };
}

/**
 * @param {import("./document").DocumentStep} step
 * @param {import("./document").WorkflowDocument} document
 * @returns {Object} the context in which the step is new
 */
export function getDefaults(step, document) {
    const values = {
        ...step.defaults,
        ...step.values,
        ...getPlaceValues(step, document),
        key: step.key,
    };
    const getServerValue = (value) => (value && "id" in Object(value) ? value.id : value);
    return Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`default_${name}`, getServerValue(value)])
    );
}

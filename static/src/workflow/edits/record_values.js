/** Between the lines of a form and a document: what can be edited of a line, and what is written. */

import { pick } from "@web/core/utils/objects";
import { getRecordKey, getStepsOfRecords } from "../workflow_steps";
import { getBranch, getDifference, makeDocumentStep } from "./document";

const SCALARS = ["boolean", "char", "float", "integer", "many2one", "selection", "text"];

/** What says where a step is, or names it; and what the server notes itself. */
const NOT_VALUES = new Set([
    "id",
    "display_name",
    "key",
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
            makeDocumentStep(step, getValues(byKey.get(step.key)), lost.get(step.key)),
        ])
    );
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
        branch_key: branch ? branch.key.split("/").at(-1) : false,
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

/**
 * Steps as the workflow view draws them, made of records of a form or of what the
 * server sends. `key` identifies the card; `resId` is false until it is saved.
 */

import { _t } from "@web/core/l10n/translation";
import { isSteering } from "./workflow_rules";
import { getDurationText } from "./workflow_text";

/**
 * @typedef {{ key: string, id: number | false, name: string, type: string, description: string,
 *  is_holdout: boolean, is_winner: boolean, taken: number }} Branch a way out of a step; its
 *  key is unique in the workflow
 */

/**
 * @param {string} key of a step
 * @param {string | number} wayKey of one of its ways out, unique in the step
 * @returns {string} the key of the branch
 */
export function getBranchKey(key, wayKey) {
    return `${key}/${wayKey}`;
}

/**
 * @param {string} key of a step
 * @param {string} branchKey of one of its branches
 * @returns {string} the key of that in the step
 */
export function getWayKey(key, branchKey) {
    return branchKey.slice(key.length + 1);
}

function makeStep(data, { key, resId, parentKey, content, wayKey, gotoKey }) {
    return {
        key,
        resId,
        parentKey,
        content,
        branches: (data.branches || []).map((branch) => ({
            ...branch,
            key: getBranchKey(key, branch.key || branch.id),
        })),
        branchKey:
            data.trigger_type === "branch" && wayKey ? getBranchKey(parentKey, wayKey) : false,
        gotoKey,
        sort: data.interval_standardized || 0,
        name: data.name || "",
        type: data.activity_type,
        possibleEvents: data.possible_events || [],
        trigger: data.trigger_type,
        delay: data.interval_number,
        delayUnit: data.interval_type,
        hour: data.due_hour || 0,
        hasFilter: Boolean(data.activity_domain) && data.activity_domain !== "[]",
        expiry: data.validity_duration
            ? getDurationText(data.validity_duration_number, data.validity_duration_type)
            : "",
        isExempt: Boolean(data.is_exempt),
        isChanged: Boolean(data.require_sync),
        isRemoved: Boolean(data.is_removed),
    };
}

/**
 * @param {number | false} resId
 * @returns {string | false}
 */
function getKey(resId) {
    return resId ? `${resId}` : false;
}

/**
 * @param {import("@web/model/relational_model/record").Record} record
 * @returns {string} the same before and after it is saved
 */
export function getRecordKey(record) {
    return record.data.key || getKey(record.resId) || record.id;
}

/**
 * @param {import("@web/model/relational_model/record").Record[]} records lines of a form
 * @returns {Object[]} without those that are taken out of the workflow
 */
export function getStepsOfRecords(records) {
    const keys = new Map(records.map((record) => [record.resId, getRecordKey(record)]));
    const getKeyOf = (value) => (value ? keys.get(value.id) || getKey(value.id) : false);
    const wayKeys = getWayKeys(records);
    return records
        .filter(({ data }) => !data.is_taken_out)
        .map((record) => {
            const { data } = record;
            return makeStep(data, {
                key: getRecordKey(record),
                resId: record.resId || false,
                parentKey: data.parent_key || getKeyOf(data.parent_id),
                content: data.content || "",
                wayKey: data.branch_key || wayKeys.get(data.branch_id?.id) || data.branch_id?.id,
                gotoKey: data.goto_key || getKeyOf(data.goto_activity_id),
            });
        });
}

/** @returns {Map<number, string>} by id of the branch, also of one that is taken out */
function getWayKeys(records) {
    const wayKeys = new Map();
    for (const { data } of records) {
        for (const record of data.branch_ids?.records || []) {
            wayKeys.set(record.resId, getRecordKey(record));
        }
        for (const { id, key } of data.branches || []) {
            wayKeys.set(id, key || id);
        }
    }
    return wayKeys;
}

/**
 * Steps that steer name others by the names that these have on the canvas: what the server says of
 * them names others as they were saved.
 *
 * @param {import("./workflow_rules").Rules} rules
 * @param {Object[]} steps
 * @param {import("@web/model/relational_model/record").Record[]} records lines of a form
 * @returns {Object[]}
 */
export function nameOthersAnew(rules, steps, records) {
    const names = getNewNames(records);
    if (!names.size) {
        return steps;
    }
    const nameAnew = (text) =>
        [...names].reduce((all, [before, now]) => all.replaceAll(quote(before), quote(now)), text);
    return steps.map((step) =>
        isSteering(rules, step.type)
            ? {
                  ...step,
                  content: nameAnew(step.content),
                  branches: step.branches.map((branch) => ({
                      ...branch,
                      description: nameAnew(branch.description || ""),
                  })),
              }
            : step
    );
}

/** As sentences of the server have the name of a step. */
const quote = (name) => _t("“%s”", name);

/** What steps are called now, by what only they were called when they were saved. */
function getNewNames(records) {
    const saved = records.filter(({ resId }) => resId);
    const getSavedName = (record) => record._values.name;
    return new Map(
        saved
            .filter((record) => getSavedName(record) !== record.data.name)
            .map((record) => [getSavedName(record), record.data.name])
            .filter(
                ([before]) => saved.filter((each) => getSavedName(each) === before).length === 1
            )
    );
}

/**
 * @param {Object} data an entry of `steps` of `get_journey`
 * @returns {Object}
 */
export function getStepOfData(data) {
    return makeStep(data, {
        key: getKey(data.id),
        resId: data.id,
        parentKey: getKey(data.parent_id),
        content: data.content,
        wayKey: data.branch_key || data.branch_id,
        gotoKey: getKey(data.goto_activity_id),
    });
}

/**
 * Steps as the workflow view draws them, made of records of a form or of what the
 * server sends. `key` identifies the card; `resId` is false until it is saved.
 */

import { getDurationText } from "./workflow_text";

/**
 * @typedef {{ key: string, id: number | false, name: string, type: string, description: string,
 *  is_holdout: boolean, is_winner: boolean, taken: number }} Branch a way out of a step; its
 *  key is unique in the workflow, and says its place until it is saved
 */

function makeStep(data, { key, resId, parentKey, content, branchId, gotoId }) {
    return {
        key,
        resId,
        parentKey,
        content,
        branches: (data.branches || []).map((branch, index) => ({
            ...branch,
            key: `${key}/${branch.id || `new${index}`}`,
        })),
        branchKey: data.trigger_type === "branch" && branchId ? `${parentKey}/${branchId}` : false,
        gotoKey: getKey(gotoId),
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
 * @returns {Object}
 */
export function getStepOfRecord(record) {
    const { data } = record;
    return makeStep(data, {
        key: getKey(record.resId) || record.id,
        resId: record.resId || false,
        parentKey: getKey(data.parent_id?.id),
        content: data.content || "",
        branchId: data.branch_id?.id,
        gotoId: data.goto_activity_id?.id,
    });
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
        branchId: data.branch_id,
        gotoId: data.goto_activity_id,
    });
}

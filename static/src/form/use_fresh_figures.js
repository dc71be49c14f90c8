import { useService } from "@web/core/utils/hooks";
import { usePoll } from "./use_poll";

/** Seconds between two looks after a start, and how many there are at most. */
const SECONDS = 3;
const MOST_LOOKS = 40;

const FIGURES = ["total_participant_count", "link_tracker_click_count"];

/**
 * After a start participants come in, in the background: the numbers of the form follow, until
 * two looks find the same ones. What is being edited is left alone.
 *
 * @param {() => import("@web/model/relational_model/record").Record} getRecord of the campaign
 * @param {() => void} onNews
 * @returns {() => void} to be called when the campaign was started
 */
export function useFreshFigures(getRecord, onNews) {
    const orm = useService("orm");
    let looks = 0;
    const planLook = usePoll(look, () => (looks ? SECONDS : 0));

    async function read(model, records, names) {
        const ids = records.map((record) => record.resId).filter(Boolean);
        return ids.length && names.length ? orm.silent.read(model, ids, names) : [];
    }

    function show(record, { id, ...values }) {
        const isNew = Object.entries(values).some(([name, value]) => record.data[name] !== value);
        if (isNew) {
            record._applyValues(values);
        }
        return isNew;
    }

    async function look() {
        const record = getRecord();
        const { resId } = record;
        const entries = record.data.entry_ids?.records || [];
        const names = FIGURES.filter((name) => name in record.activeFields);
        let figures, entryFigures;
        try {
            [figures, entryFigures] = await Promise.all([
                read("marketing.campaign", [record], names),
                read("marketing.campaign.entry", entries, ["participant_count"]),
            ]);
        } catch {
            return; // Odoo says who is offline; the next look may succeed.
        } finally {
            looks--;
        }
        if (record !== getRecord() || record.resId !== resId) {
            return;
        }
        const isNew = [
            ...figures.map((values) => show(record, values)),
            ...entryFigures.map((values) =>
                show(
                    entries.find((entry) => entry.resId === values.id),
                    values
                )
            ),
        ].some(Boolean);
        if (isNew) {
            onNews();
        } else if (record.data.total_participant_count) {
            looks = 0;
        }
    }

    return () => {
        looks = MOST_LOOKS;
        planLook();
    };
}

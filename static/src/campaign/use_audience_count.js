import { useEffect, useState } from "@odoo/owl";
import { Domain } from "@web/core/domain";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

/** As lists do, it counts to here. */
const LIMIT = 10000;

/**
 * How many records match the filter of a campaign, as it is in the form.
 *
 * @param {() => Object} getData of the campaign
 * @returns {{ count: number | null, isLimited: boolean }} null while it is not known
 */
export function useAudienceCount(getData) {
    const orm = useService("orm");
    const keepLast = new KeepLast();
    const state = useState({ count: null, isLimited: false });

    async function load({ model_name: model, domain, include_archived: withArchived }) {
        const count = model ? await keepLast.add(search(model, domain, withArchived)) : null;
        Object.assign(state, {
            count: count && Math.min(count, LIMIT),
            isLimited: count > LIMIT,
        });
    }

    async function search(model, domain, withArchived) {
        try {
            return await orm.silent.searchCount(
                model,
                new Domain(domain || "[]").toList(user.evalContext),
                { context: { active_test: !withArchived }, limit: LIMIT + 1 }
            );
        } catch {
            return null; // its editor says what is wrong with it
        }
    }

    useEffect(
        () => {
            load(getData());
        },
        () => {
            const { model_name: model, domain, include_archived: withArchived } = getData();
            return [model, domain, withArchived];
        }
    );
    return state;
}

import { rpcBus } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

const METHODS = {
    "marketing.campaign": ["action_start_campaign", "action_stop_campaign", "web_save", "unlink"],
    "marketing.campaign.review": ["action_start"],
};

/** Which campaigns run by hand decides on the action menus, which come with the views. */
export const actionMenuService = {
    start() {
        rpcBus.addEventListener("RPC:RESPONSE", ({ detail }) => {
            const { model, method } = detail.data.params;
            if (METHODS[model]?.includes(method)) {
                rpcBus.trigger("CLEAR-CACHES", "get_views");
            }
        });
    },
};

registry.category("services").add("marketing_action_menu", actionMenuService);

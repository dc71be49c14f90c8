import { registry } from "@web/core/registry";

/** Loads the rules of workflows once for each session. */
export const workflowRulesService = {
    dependencies: ["orm"],
    async: ["load"],
    start(_env, { orm }) {
        let rules = null;
        return {
            /** @returns {Promise<import("./workflow_rules").Rules>} */
            load() {
                rules ||= orm.call("marketing.activity", "get_workflow_rules").catch((error) => {
                    rules = null;
                    throw error;
                });
                return rules;
            },
        };
    },
};

registry.category("services").add("marketing_workflow_rules", workflowRulesService);

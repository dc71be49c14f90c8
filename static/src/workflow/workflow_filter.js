import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";

/** How many records match the applied filter of a step now. */
export class WorkflowFilter extends Component {
    static template = "marketing_automation.WorkflowFilter";
    static props = { tabIndex: Number, step: Object, actions: Object };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ count: null });
        onWillStart(() => {
            this.orm
                .call("marketing.activity", "get_matching_count", [[this.props.step.resId]])
                .then((count) => (this.state.count = count));
        });
    }

    get countText() {
        const { count } = this.state;
        return _t("%s record(s) match now", count === null ? "…" : formatInteger(count));
    }
}

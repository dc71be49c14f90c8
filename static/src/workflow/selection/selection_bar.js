import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/** What can be done with all steps that are selected. */
export class SelectionBar extends Component {
    static template = "marketing_automation.SelectionBar";
    static props = {
        state: Object,
        copy: Function,
        cut: Function,
        duplicate: Function,
        remove: Function,
        clear: Function,
    };

    setup() {
        this.state = useState(this.props.state);
    }

    get text() {
        const { length } = this.state.keys;
        return length === 1 ? _t("1 step") : _t("%s steps", length);
    }
}

/** The rectangle that is being drawn. */
export class SelectionRectangle extends Component {
    static template = "marketing_automation.SelectionRectangle";
    static props = { state: Object, getStyle: Function };

    setup() {
        this.state = useState(this.props.state);
    }
}

import { Component, onPatched, onWillPatch, useRef, useState } from "@odoo/owl";
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
        /** called when it closes while it has the focus */
        leave: Function,
    };

    setup() {
        this.state = useState(this.props.state);
        const barRef = useRef("bar");
        let hadFocus = false;
        onWillPatch(() => {
            hadFocus = Boolean(barRef.el?.contains(document.activeElement));
        });
        onPatched(() => {
            if (hadFocus && !barRef.el) {
                this.props.leave();
            }
        });
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

import { Component, useState } from "@odoo/owl";
import { normalize } from "@web/core/l10n/utils";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus } from "@web/core/utils/hooks";

/**
 * The steps whose name, content or ways have a text in them.
 *
 * @param {import("./workflow_layout").TreeNode[]} nodes
 * @param {string} text
 * @returns {import("./workflow_layout").TreeNode[]}
 */
export function findNodes(nodes, text) {
    const wanted = normalize(text.trim());
    if (!wanted) {
        return [];
    }
    return nodes.filter(({ step, branch }) =>
        [step?.name, step?.content, branch?.name, branch?.description].some(
            (words) => words && normalize(words).includes(wanted)
        )
    );
}

/** Finds steps, and leads from one to the next. */
export class WorkflowSearch extends Component {
    static template = "marketing_automation.WorkflowSearch";
    static props = { getNodes: Function, show: Function, close: Function };

    setup() {
        this.state = useState({ text: "", keys: [], index: 0 });
        useAutofocus({ refName: "input" });
    }

    get countText() {
        const { text, keys, index } = this.state;
        if (!text.trim()) {
            return "";
        }
        return keys.length
            ? _t("%(number)s of %(count)s", { number: index + 1, count: keys.length })
            : _t("None found");
    }

    onInput(ev) {
        const text = ev.target.value;
        const keys = findNodes(this.props.getNodes(), text).map(({ key }) => key);
        Object.assign(this.state, { text, keys, index: 0 });
        this.show();
    }

    go(step) {
        const { keys, index } = this.state;
        if (keys.length) {
            this.state.index = (index + step + keys.length) % keys.length;
            this.show();
        }
    }

    show() {
        const key = this.state.keys[this.state.index];
        if (key) {
            this.props.show(key);
        }
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            this.go(ev.shiftKey ? -1 : 1);
        } else if (ev.key === "Escape") {
            this.props.close(this.state.keys[this.state.index]);
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }
}

import { Component, useState } from "@odoo/owl";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";

/** Undo and redo, by buttons and by keys; in text fields these keys are the browser's own. */
export class WorkflowHistory extends Component {
    static template = "marketing_automation.WorkflowHistory";
    static props = { actions: Object };

    setup() {
        this.history = useState(this.props.actions.history);
        useHotkey("control+z", () => this.props.actions.undo(), { allowRepeat: true });
        for (const keys of ["control+shift+z", "control+y"]) {
            useHotkey(keys, () => this.props.actions.redo(), { allowRepeat: true });
        }
    }

    get undoText() {
        const { undoLabel } = this.history;
        return undoLabel ? _t("Undo: %s (Ctrl+Z)", undoLabel) : _t("Nothing to undo");
    }

    get redoText() {
        const { redoLabel } = this.history;
        return redoLabel ? _t("Redo: %s (Ctrl+Shift+Z)", redoLabel) : _t("Nothing to redo");
    }
}

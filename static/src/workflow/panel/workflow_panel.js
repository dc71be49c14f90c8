import { Component, useEffect, useRef } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { ResizablePanel } from "@web/core/resizable_panel/resizable_panel";
import { FormRenderer } from "@web/views/form/form_renderer";
import { computeViewClassName } from "@web/views/utils";
import { useViewButtons } from "@web/views/view_button/view_button_hook";

const WIDTH_KEY = "marketing_automation.panel_width";
const WIDTH = 460;

/** The form of a step or an entry, beside the canvas. */
export class WorkflowPanel extends Component {
    static template = "marketing_automation.WorkflowPanel";
    static components = { FormRenderer, ResizablePanel };
    static props = {
        record: Object,
        archInfo: Object,
        icon: String,
        title: String,
        label: String,
        /** what gets the focus when it opens: its "name", what comes "first", or nothing */
        focus: { type: [String, { value: false }] },
        /** nothing where there is no other one */
        goPrevious: { type: [Function, { value: null }] },
        goNext: { type: [Function, { value: null }] },
        remove: { type: [Function, { value: null }] },
        close: Function,
        /** saves the form that the panel is a part of */
        save: Function,
        reload: Function,
    };

    setup() {
        this.bodyRef = useRef("body");
        this.width = Number(browser.localStorage.getItem(WIDTH_KEY)) || WIDTH;
        useViewButtons(this.bodyRef, {
            reload: () => this.props.reload(),
            beforeExecuteAction: ({ special }) => special === "cancel" || this.props.save(),
        });
        useHotkey("escape", () => this.props.close(), { bypassEditableProtection: true });
        useEffect(
            () => this.setFocus(),
            () => [this.props.record.id, this.props.focus]
        );
    }

    get formClass() {
        return computeViewClassName("form", this.props.archInfo.xmlDoc);
    }

    setFocus() {
        const { focus } = this.props;
        const inputs = "input:not([type='hidden']), textarea, select, button";
        const name = focus === "name" && this.bodyRef.el.querySelector("[name='name'] input");
        if (name) {
            name.focus();
            name.select();
        } else if (focus) {
            this.bodyRef.el.querySelector(inputs)?.focus();
        }
    }

    onResize(width) {
        browser.localStorage.setItem(WIDTH_KEY, Math.round(width));
    }
}

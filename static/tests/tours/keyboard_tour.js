import { matches, press } from "@odoo/hoot-dom";
import { registry } from "@web/core/registry";

/** Presses after which a key leads nowhere. */
const ENOUGH = 60;

/** Press a key until it has led to what is looked for. */
function go(key, selector) {
    return {
        content: `${key} leads to ${selector}`,
        trigger: "body",
        run: async () => {
            for (let presses = 0; presses < ENOUGH; presses++) {
                if (matches(document.activeElement, selector)) {
                    return;
                }
                await press(key);
            }
            const { outerHTML } = document.activeElement;
            throw new Error(`${key} does not lead to ${selector}, but to ${outerHTML}`);
        },
    };
}

/** Press a key where the focus is. */
function pressOn(selector, key) {
    return {
        content: `Press ${key}`,
        trigger: `${selector}:focus`,
        run: () => press(key),
    };
}

const card = (name) => `.o_mwf_card[aria-label^='${name}, ']`;

/** What is open beside the canvas is named, and one goes on at its card. */
function nameStep(name) {
    return [
        {
            content: "The focus is in the name",
            trigger: ".o_mwf_side .o_marketing_activity_form [name='name'] input:focus",
            run: `edit ${name}`,
        },
        { trigger: "body", run: () => press("Escape") },
        { trigger: `body:not(:has(.o_mwf_side)) ${card(name)}:focus` },
    ];
}

const chooseEmail = [
    { trigger: ".o_mwf_step_menu" },
    go("ArrowDown", ".o_mwf_step_menu [data-type='email']"),
    { trigger: "body", run: () => press("Enter") },
];

/** Choose in the menu of what can follow the card that has the focus. */
function insert(after, choice) {
    return [
        pressOn(card(after), "Insert"),
        { trigger: ".o_mwf_step_menu" },
        go("ArrowDown", `.o_mwf_choice:contains(/^${choice}$/)`),
        { trigger: "body", run: () => press("Enter") },
        { trigger: `.o_mwf_choice[aria-checked='true']:contains(/^${choice}$/)` },
        ...chooseEmail,
    ];
}

const silent = "Silent, Email, Not opened within 3 days";

registry.category("web_tour.tours").add("marketing_automation_keyboard", {
    steps: () => [
        { trigger: ".o_mwf_first" },
        {
            content: "From the name of the campaign",
            trigger: ".o_marketing_name input",
            run() {
                this.anchor.focus();
            },
        },
        go("Tab", ".o_mwf_first"),
        pressOn(".o_mwf_first", "Enter"),
        ...chooseEmail,
        ...nameStep("Hello"),
        ...insert("Hello", "Opened"),
        ...nameStep("Reader"),
        // back to the first one, and on its other branch
        pressOn(card("Reader"), "ArrowUp"),
        ...insert("Hello", "Not opened"),
        ...nameStep("Silent"),
        ...insert("Silent", "Clicked"),
        ...nameStep("Late"),
        // what a screen reader says of them
        { trigger: "[role='tree'][aria-label='Workflow']:not(:visible)" },
        { trigger: `${card("Hello, Email, Start")}[role='treeitem'][aria-level='2']` },
        { trigger: `${card("Reader, Email, Opened")}[role='treeitem'][aria-level='3']` },
        { trigger: `.o_mwf_card[aria-label='${silent}'][aria-setsize='2']` },
        { trigger: `${card("Late, Email, Clicked")}[role='treeitem'][aria-level='4']` },
        // moved by its menu
        go("Tab", ".o_mwf_menu"),
        pressOn(".o_mwf_menu", "Enter"),
        { trigger: ".o-dropdown--menu .o_mwf_move" },
        go("ArrowDown", ".o_mwf_move"),
        { trigger: "body", run: () => press("ArrowRight") },
        { trigger: ".o-dropdown--menu .dropdown-item:contains(Reader)" },
        go("ArrowDown", ".dropdown-item:contains(Reader)"),
        { trigger: "body", run: () => press("Enter") },
        { trigger: `${card("Late")}[aria-level='4']:focus` },
        pressOn(card("Late"), "ArrowUp"),
        { trigger: `${card("Reader")}:focus` },
        { trigger: "body", run: () => press("alt+s") },
        { trigger: ".o_form_saved, .o_form_status_indicator_buttons.invisible" },
    ],
});

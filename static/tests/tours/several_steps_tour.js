import { registry } from "@web/core/registry";
import { saveForm } from "./tour_helpers";

const card = (name) => `.o_mwf_card:has(.o_mwf_name:text("${name}"))`;

// One for the whole tour: it goes from campaign to campaign, as the clipboard of the system does.
let clipboard;

function fire(type) {
    clipboard = type === "paste" ? clipboard : new DataTransfer();
    const event = new ClipboardEvent(type, { clipboardData: clipboard, bubbles: true });
    document.activeElement.dispatchEvent(event);
}

/** Press Ctrl and click, one after the other. */
function selectTogether(...names) {
    return [
        ...names.map((name) => ({
            content: `Select ${name}, too`,
            trigger: card(name),
            run() {
                // A press on a card is kept from moving the focus: see `press` of the view.
                this.anchor.dispatchEvent(
                    new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: true })
                );
            },
        })),
        { trigger: `.o_mwf_selection:contains(${names.length} steps)` },
    ];
}

/** Press Ctrl+C or Ctrl+X, where the last click was. */
function press(type, name) {
    return { content: `${type} on ${name}`, trigger: `${card(name)}:focus`, run: () => fire(type) };
}

function paste(name) {
    return {
        content: `Paste after ${name}`,
        trigger: card(name),
        run() {
            this.anchor.focus();
            fire("paste");
        },
    };
}

const atLevel = (name, level) => `${card(name)}[aria-level='${level}']`;

const openOther = [
    {
        content: "Go to the other campaign",
        trigger: "[data-menu-xmlid='marketing_automation.marketing_campaign_menu']",
        run: "click",
    },
    { trigger: ".o_kanban_record:contains(Other campaign)", run: "click" },
    { trigger: card("First") },
];

/** Two steps, with what follows them, that are copied, cut and duplicated together. */
registry.category("web_tour.tours").add("marketing_automation_several_steps", {
    steps: () => [
        ...selectTogether("Hello", "Text"),
        {
            content: "Duplicate both",
            trigger: ".o_mwf_selection button[aria-label='Duplicate']",
            run: "click",
        },
        { trigger: atLevel("Hello (copy)", 2) },
        { trigger: atLevel("Text (copy)", 2) },
        { trigger: atLevel("Back (copy)", 3) },
        ...saveForm(),
        { trigger: ".o_mwf_selection button[aria-label='Select nothing']", run: "click" },
        { trigger: "body:not(:has(.o_mwf_selection))" },
        ...selectTogether("Hello (copy)", "Text (copy)"),
        press("cut", "Text (copy)"),
        { trigger: `body:not(:has(${card("Hello (copy)")})):not(:has(${card("Back (copy)")}))` },
        paste("Touch"),
        { trigger: atLevel("Hello (copy)", 4) },
        { trigger: atLevel("Text (copy)", 4) },
        { trigger: atLevel("Back (copy)", 5) },
        ...saveForm(),
        ...selectTogether("Hello", "Text"),
        press("copy", "Text"),
        ...openOther,
        {
            content: "What is pasted and discarded leaves nothing",
            ...paste("First"),
        },
        { trigger: atLevel("Hello", 3) },
        { trigger: ".o_form_button_cancel", run: "click" },
        { trigger: `body:not(:has(${card("Hello")}))` },
        paste("First"),
        { trigger: atLevel("Hello", 3) },
        { trigger: atLevel("Text", 3) },
        { trigger: atLevel("Back", 4) },
        ...saveForm(),
    ],
});

/** Steps that the tours share. */

export const card = (name) => `.o_mwf_card:has(.o_mwf_name:contains("${name}"))`;

export const way = (label) => `.o_mwf_way:has(.o_mwf_way_label:contains("${label}"))`;

/** Choose what is added, in the menu of a "+". */
export function chooseStep(type) {
    return {
        content: `Add a step of type ${type}`,
        trigger: `.o_mwf_step_menu [data-type='${type}']`,
        run: "click",
    };
}

/** Press the "+" below a branch. */
export function addOnWay(label) {
    return [
        {
            content: `Add a step on branch ${label}`,
            trigger: `${way(label)} + .o_mwf_add`,
            run: "click",
        },
        chooseStep("email"),
    ];
}

/** Choose in a selection of the panel. */
export function select(field, text) {
    return [
        { trigger: `.o_mwf_side [name='${field}'] input`, run: "click" },
        { trigger: `.o_select_menu_item:contains("${text}")`, run: "click" },
    ];
}

/** Press the "+" below a card (or at the start), and choose what is waited for. */
export function addAfter(name, trigger) {
    const steps = [
        {
            content: `Add a step after ${name}`,
            trigger: name
                ? `${card(name)} + .o_mwf_add`
                : ".o_mwf_add[data-key='start'], .o_mwf_first",
            run: "click",
        },
    ];
    if (trigger) {
        steps.push({
            content: `Choose ${trigger}`,
            trigger: `.o_mwf_choice:text(${trigger})`,
            run: "click",
        });
    }
    return [...steps, chooseStep("email")];
}

export function nameActivity(name) {
    return {
        content: `Name the step ${name}`,
        trigger: ".o_mwf_side .o_marketing_activity_form [name='name'] input",
        run: `edit ${name}`,
    };
}

export function chooseType(type) {
    return [
        {
            content: "Open the types",
            trigger: ".o_mwf_side [name='activity_type'] .o_select_menu_toggler",
            run: "click",
        },
        {
            content: `Choose the type ${type}`,
            trigger: `.o_select_menu_item:contains(${type})`,
            run: "click",
        },
    ];
}

/** Choose what a step does, without code. */
export function chooseAction(choice) {
    return {
        content: `Choose ${choice}`,
        trigger: `.o_mwf_side [name='action_kind'] label:contains(${choice})`,
        run: "click",
    };
}

/**
 * Type in a many2one of the panel, and pick what it finds. The panel scrolls to a field that
 * gets the focus, and a list closes when anything scrolls: the field is clicked before.
 */
export function pick(field, text) {
    return [
        { trigger: `.o_mwf_side [name='${field}'] input`, run: "click" },
        { trigger: `.o_mwf_side [name='${field}'] input:focus`, run: `edit ${text}` },
        { trigger: `.ui-autocomplete a:contains("${text}")`, run: "click" },
    ];
}

export function closeActivity(name) {
    return [
        { content: "Close the panel", trigger: ".o_mwf_side_close", run: "click" },
        { content: `${name} is drawn`, trigger: `body:not(:has(.o_mwf_side)) ${card(name)}` },
    ];
}

export function saveForm() {
    return [
        { content: "Save the campaign", trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved, .o_form_status_indicator_buttons.invisible" },
    ];
}

/** Press Start, and start in the review. */
export function startCampaign() {
    return [
        {
            content: "Look at what a start would do",
            trigger: "body:not(:has(.modal)) button[name='action_review']",
            run: "click",
        },
        { trigger: ".modal .o_marketing_review" },
        {
            content: "Start",
            trigger: ".modal button[name='action_start']:enabled",
            run: "click",
        },
    ];
}

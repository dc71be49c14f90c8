import { click, waitFor, waitForNone } from "@odoo/hoot-dom";
import { loadJS } from "@web/core/assets";

/** Impacts that keep people from using a screen. */
const GRAVE = ["serious", "critical"];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
/** What Odoo draws around the screens of all apps: not ours to mend. */
const AROUND = [
    ".o_main_navbar",
    ".o_control_panel",
    ".o-mail-Form-chatter",
    ".o_statusbar_status",
    ".o_notification_manager",
];
/** Findings in widgets of Odoo, wherever they are used: their rule, and the elements. */
const OF_ODOO = {
    "aria-allowed-attr":
        ".o-dropdown-item, .o_mwf_step_menu .o-navigable, .o_select_menu > .o-dropdown, .o-autocomplete--input",
    "aria-command-name": ".o_bottom_sheet_handle, .o_field_domain [role='button']",
    "aria-required-parent": ".o_notebook_headers .nav-link, .o_field_domain [role='listitem']",
    "aria-roles": ".o_field_domain [role='image']",
    "autocomplete-valid": ".o_select_menu_toggler",
    "button-name": ".o_optional_columns_dropdown button, .o_clipboard_button",
    "color-contrast": ".o_setting_box .text-muted, .o_setting_box .text-muted *",
    "image-alt": ".o_avatar img",
    label: ".o_list_record_selector input",
    "scrollable-region-focusable": ".o_list_renderer",
};
const TIMEOUT = 15000;

const getEnv = () => odoo.__WOWL_DEBUG__.root.env;

/** Until nothing is loaded or moves: half faded in, a text has too little contrast. */
async function settle() {
    await waitForNone(".o_loading_indicator", { timeout: TIMEOUT });
    const ends = (animation) => animation.effect.getComputedTiming().endTime !== Infinity;
    await Promise.allSettled(
        document
            .getAnimations()
            .filter(ends)
            .map((animation) => animation.finished)
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
}

async function openScreen({ action, ready, clicks = [] }) {
    await getEnv().services.action.doAction(action, { clearBreadcrumbs: true });
    await waitFor(ready, { timeout: TIMEOUT });
    for (const [button, shown] of clicks) {
        await click(await waitFor(button, { timeout: TIMEOUT }));
        await waitFor(shown, { timeout: TIMEOUT });
    }
    await settle();
}

/** @returns {Promise<string[]>} what keeps people from using the screen, and where */
async function findGrave({ name, within = "body" }) {
    const { violations } = await window.axe.run(
        { include: [within], exclude: AROUND },
        {
            runOnly: { type: "tag", values: TAGS },
            resultTypes: ["violations"],
            elementRef: true,
        }
    );
    return violations
        .filter(({ impact }) => GRAVE.includes(impact))
        .flatMap(({ id, impact, help, nodes }) =>
            nodes
                .filter(({ element }) => !(id in OF_ODOO && element.matches(OF_ODOO[id])))
                .map(
                    ({ target, failureSummary }) =>
                        `${name}: ${target.join(" ")}\n  ${impact}, ${id}: ${help}. ${failureSummary}`
                )
        );
}

/**
 * Opens screens one after the other, and tells what axe-core finds in them.
 *
 * @param {string} axe address of axe-core
 * @param {{ name: string, action: Object | string, ready: string, clicks?: string[][],
 *  within?: string }[]} screens each with what opens it, what shows that it is there, the buttons
 *  to press then, each with what shows that it was pressed, and the part to look at
 */
odoo.checkAccessibility = async (axe, screens) => {
    await loadJS(axe);
    const found = [];
    for (const screen of screens) {
        try {
            await openScreen(screen);
            found.push(...(await findGrave(screen)));
        } catch (error) {
            found.push(`${screen.name} could not be looked at: ${error.message}`);
        }
    }
    if (found.length) {
        console.error([`${found.length} found`, ...found].join("\n"));
    } else {
        console.log("test successful");
    }
};

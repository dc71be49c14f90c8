import { registry } from "@web/core/registry";
import { addOnWay, card, closeActivity, nameActivity, saveForm } from "./tour_helpers";

function removeWay(label) {
    return {
        content: `Remove the branch ${label}`,
        trigger: `.o_mwf_side [name='branch_ids'] .o_data_row:not(.d-none):contains(${label}) .o_list_record_remove`,
        run: "click",
    };
}

registry.category("web_tour.tours").add("marketing_automation_branches", {
    steps: () => [
        // Another way, which goes with what hangs on it, and comes back with it.
        { trigger: card("Which one"), run: "click" },
        { trigger: ".o_mwf_side [name='branch_ids'] a:contains(Add a branch)", run: "click" },
        {
            trigger: ".o_mwf_side [name='branch_ids'] .o_selected_row [name='name'] input",
            run: "edit Third way && press Tab",
        },
        ...closeActivity("Which one"),
        ...addOnWay("Third way"),
        nameActivity("Third"),
        { trigger: ".o_mwf_side [name='branch_id'] input[placeholder='Third way']" },
        ...closeActivity("Third"),
        { trigger: card("Which one"), run: "click" },
        removeWay("Third way"),
        {
            trigger: `body:not(:has(.o_mwf_side .o_data_row:not(.d-none):contains(Third way))):not(:has(${card("Third")}))`,
        },
        {
            trigger:
                ".o_notification:contains(the branch “Third way” of “Which one”) button:contains(Undo)",
            run: "click",
        },
        { trigger: `.o_mwf_side:has(.o_data_row:not(.d-none):contains(Third way))` },
        ...closeActivity("Third"),
        ...saveForm(),
        // The same with what is saved.
        { trigger: card("Which one"), run: "click" },
        removeWay("First way"),
        { trigger: `body:not(:has(${card("Second")})):has(${card("Third")})` },
        { trigger: ".o_mwf_undo", run: "click" },
        { trigger: ".o_mwf_side .o_data_row:not(.d-none):contains(First way)" },
        ...closeActivity("Third"),
        ...saveForm(),
    ],
});

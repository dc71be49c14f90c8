import { registry } from "@web/core/registry";
import { card } from "./tour_helpers";

const tone = (name, color) => ({ trigger: `${card(name)}.o_mwf_tone_${color}` });
const run = (name) => ({ trigger: `${card(name)} button[data-action='run']`, run: "click" });

registry.category("web_tour.tours").add("marketing_automation_test_run", {
    steps: () => [
        { trigger: "button[name='action_launch_test']", run: "click" },
        { trigger: ".modal [name='resource_ref'] input", run: "edit Contact 1" },
        { trigger: ".ui-autocomplete a:contains(Contact 1)", run: "click" },
        { trigger: ".modal button[name='action_launch_test']", run: "click" },
        { content: "The test's page", trigger: ".ribbon:contains(Test)" },
        tone("Hello", "planned"),
        tone("Reader", "ahead"),
        run("Hello"),
        tone("Hello", "done"),
        { content: "Children appear", ...tone("Reader", "planned") },
        tone("Silent", "planned"),
        {
            content: "The recipient opens the email",
            trigger: `${card("Hello")} button[data-action='mail_open']`,
            run: "click",
        },
        { trigger: `${card("Hello")} .o_mwf_event:contains(Opened)` },
        { ...tone("Silent", "other") },
        { trigger: `${card("Silent")} .o_mwf_reason` },
        run("Reader"),
        tone("Reader", "done"),
        { content: "Nothing is left", trigger: ".o_arrow_button_current:contains(Completed)" },
        { trigger: ".alert:contains(This test is completed)" },
    ],
});

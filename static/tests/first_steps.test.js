import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { FirstSteps } from "@marketing_automation/first_steps/first_steps";

defineMailModels();

const KEYS = ["begin", "audience", "messages", "test", "start"];

async function mountSteps(done, { campaign = { id: 7, name: "Spring" }, samples = 0 } = {}) {
    const progress = {
        campaign,
        samples,
        steps: KEYS.map((key) => ({ key, done: done.includes(key) })),
    };
    onRpc("marketing.campaign", "get_first_steps", () => progress);
    mockService("action", {
        doAction: (action) => expect.step(`open ${action.res_model || action}`),
        switchView: (view, { resId }) => expect.step(`${view} ${resId}`),
    });
    await mountWithCleanup(FirstSteps);
    return progress;
}

test("what is done is ticked, and what is next stands out", async () => {
    await mountSteps(["begin", "audience"]);
    expect(".o_marketing_first_done").toHaveCount(2);
    expect(".o_marketing_first_next").toHaveText(/Write the messages/);
    expect(".o_marketing_first_count").toHaveText("2 of 5");
    expect("h2").toHaveText("Your first campaign: Spring");
});

test("each leads to where it is done", async () => {
    onRpc("marketing.campaign", "action_launch_test", ({ args }) => {
        expect.step(`test ${args[0]}`);
        return { type: "ir.actions.act_window", res_model: "marketing.campaign.test" };
    });
    await mountSteps(["begin"]);
    await contains("[data-step='audience']").click();
    await contains("[data-step='test']").click();
    expect.verifySteps(["form 7", "test 7", "open marketing.campaign.test"]);
});

test("without a campaign one can only begin", async () => {
    await mountSteps([], { campaign: false });
    expect("[data-step='begin']").toBeEnabled();
    expect(".o_marketing_first_step:disabled").toHaveCount(4);
});

test("sample contacts come and go", async () => {
    onRpc("marketing.campaign", "create_sample_contacts", () => {
        progress.samples = 6;
        return 6;
    });
    onRpc("marketing.campaign", "remove_sample_contacts", () => {
        progress.samples = 0;
        return 6;
    });
    const progress = await mountSteps([]);
    await contains(".o_marketing_add_samples").click();
    await contains(".o_marketing_remove_samples").click();
    expect(".o_marketing_add_samples").toHaveCount(1);
});

test("it can be hidden for good", async () => {
    patchWithCleanup(user, { setUserSettings: (key, value) => expect.step(`${key} ${value}`) });
    await mountSteps([]);
    await contains(".o_marketing_hide_steps").click();
    expect(".o_marketing_first_steps").toHaveCount(0);
    expect.verifySteps(["marketing_first_steps_hidden true"]);
});

test("all done", async () => {
    await mountSteps(KEYS);
    expect("h2").toHaveText("“Spring” runs. Well done!");
    expect(queryAllTexts(".o_marketing_first_next")).toEqual([]);
});

test("nothing for those who know", async () => {
    onRpc("marketing.campaign", "get_first_steps", () => false);
    await mountWithCleanup(FirstSteps);
    expect(".o_marketing_first_steps").toHaveCount(0);
});

import { expect, test } from "@odoo/hoot";
import { Deferred } from "@odoo/hoot-mock";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Campaign extends models.Model {
    _name = "marketing.campaign";

    name = fields.Char();

    _records = [{ id: 1, name: "Spring" }];
}

defineMailModels();
defineModels([Campaign]);

const TEMPLATES = {
    hello: { title: "Say hello", description: "To new contacts.", icon: "/web/static/hello.svg" },
    calls: { title: "Call them", description: "Who asked.", icon: "/web/static/calls.svg" },
};

const ARCHS = {
    kanban: `<kanban js_class="marketing_campaign_kanban">
        <templates><t t-name="card"><field name="name"/></t></templates>
    </kanban>`,
    list: `<list js_class="marketing_campaign_list"><field name="name"/></list>`,
};

function mockTemplates(answer = { type: "ir.actions.act_window", res_id: 7 }) {
    onRpc("marketing.campaign", "get_campaign_templates_info", () => TEMPLATES);
    onRpc("marketing.campaign", "get_action_marketing_campaign_from_template", ({ args }) => {
        expect.step(`load ${args[0]}`);
        return answer;
    });
    mockService("action", {
        doAction: (action) => expect.step(`open ${action.res_id}`),
        switchView: (view, { resId }) => expect.step(`${view} ${resId}`),
    });
}

const mountDashboard = (type, params = {}) =>
    mountView({
        type,
        resModel: "marketing.campaign",
        arch: ARCHS[type],
        noContentHelp: "Create a campaign",
        ...params,
    });

for (const type of ["kanban", "list"]) {
    test(`${type}: templates where nothing is found`, async () => {
        mockTemplates();
        await mountDashboard(type, { domain: [["id", "=", 0]] });
        expect(queryAllTexts(".o_marketing_template_title")).toEqual(["Say hello", "Call them"]);
        await contains("[data-template='calls']").click();
        expect.verifySteps(["load calls", "open 7"]);
    });

    test(`${type}: no templates above campaigns`, async () => {
        mockTemplates();
        await mountDashboard(type);
        expect(".o_marketing_template").toHaveCount(0);
    });
}

test("an empty campaign, from the empty dashboard", async () => {
    mockTemplates();
    await mountDashboard("kanban", { domain: [["id", "=", 0]] });
    await contains(".o_marketing_scratch").click();
    expect.verifySteps(["form false"]);
});

test("a second click on a template makes no second campaign", async () => {
    const answer = new Deferred();
    mockTemplates(answer);
    await mountDashboard("kanban", { domain: [["id", "=", 0]] });
    await contains("[data-template='hello']").click();
    await contains("[data-template='hello']").click();
    expect.verifySteps(["load hello"]);
    answer.resolve({ type: "ir.actions.act_window", res_id: 7 });
    await answer;
    await expect.waitForSteps(["open 7"]);
});

test.tags("desktop");
test("templates stay reachable from the menu of the New button", async () => {
    mockTemplates();
    await mountDashboard("kanban", { createRecord: () => {} });
    await contains(".o_marketing_new_menu").click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Load a template)").click();
    await contains(".modal [data-template='hello']").click();
    expect.verifySteps(["load hello", "open 7"]);
    expect(".modal").toHaveCount(0);
});

test.tags("desktop");
test("who may not create a campaign has no such menu", async () => {
    mockTemplates();
    await mountView({
        type: "kanban",
        resModel: "marketing.campaign",
        arch: ARCHS.kanban.replace("<kanban", "<kanban create='0'"),
    });
    expect(".o_marketing_new_menu").toHaveCount(0);
});

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
import { RULES } from "./workflow_test_helpers";

class Campaign extends models.Model {
    _name = "marketing.campaign";

    name = fields.Char();

    _records = [{ id: 1, name: "Spring" }];
}

defineMailModels();
defineModels([Campaign]);

const STEPS = [
    {
        id: 1,
        name: "Hello",
        activity_type: "email",
        trigger_type: "begin",
        branches: [],
        parent_id: false,
    },
    {
        id: 2,
        name: "Silent",
        activity_type: "action",
        trigger_type: "mail_not_open",
        interval_number: 3,
        interval_type: "days",
        branches: [],
        parent_id: 1,
    },
];

const TEMPLATES = {
    hello: {
        title: "Say hello",
        description: "To new contacts.",
        icon: "/web/static/hello.svg",
        steps: STEPS,
    },
    calls: {
        title: "Call them",
        description: "Who asked.",
        icon: "/web/static/calls.svg",
        steps: [],
    },
};

const ARCHS = {
    kanban: `<kanban js_class="marketing_campaign_kanban">
        <templates><t t-name="card"><field name="name"/></t></templates>
    </kanban>`,
    list: `<list js_class="marketing_campaign_list"><field name="name"/></list>`,
};

function mockTemplates(answer = { type: "ir.actions.act_window", res_id: 7 }) {
    onRpc("marketing.campaign", "get_first_steps", () => false);
    onRpc("marketing.activity", "get_workflow_rules", () => RULES);
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

test("the workflow of a template is seen before it is made", async () => {
    mockTemplates();
    await mountDashboard("kanban", { domain: [["id", "=", 0]] });
    const picture = "[data-template='hello'] .o_marketing_picture";
    expect(picture).toHaveAttribute("aria-label", "Workflow: Hello, Silent");
    expect(queryAllTexts(`${picture} .o_marketing_picture_card`)).toEqual(["Hello", "Silent"]);
    expect(`${picture} .o_marketing_picture_trigger`).toHaveCount(1);
    expect("[data-template='calls'] .o_marketing_picture").toHaveCount(0);
});

test.tags("desktop");
test("one can look closer, and then take it", async () => {
    mockTemplates();
    await mountDashboard("kanban", { domain: [["id", "=", 0]] });
    await contains(".o_marketing_template_look").click();
    expect(queryAllTexts(".modal .o_mwf_card .o_mwf_name")).toEqual(["Hello", "Silent"]);
    expect(".modal .o_mwf_add").toHaveCount(0);
    await contains(".modal .o_mwf_card").click();
    expect.verifySteps([]);
    await contains(".modal .o_marketing_use_template").click();
    expect.verifySteps(["load hello", "open 7"]);
    expect(".modal").toHaveCount(0);
});

import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Campaign extends models.Model {
    _name = "marketing.campaign";

    state = fields.Selection({
        selection: [
            ["draft", "New"],
            ["running", "Running"],
        ],
    });
    problem_list = fields.Json();
    delivery_warnings = fields.Json();

    _records = [
        { id: 1, state: "draft", problem_list: [], delivery_warnings: [] },
        {
            id: 2,
            state: "running",
            problem_list: [
                { message: "The target is gone.", activity_id: false },
                { message: "Choose a mailing.", activity_id: 5 },
            ],
            delivery_warnings: [
                { message: "No mail server.", action: "base.action_ir_mail_server_list" },
                { message: "No account.", action: false },
            ],
        },
    ];
}

defineMailModels();
defineModels([Campaign]);

const mountProblems = (resId) =>
    mountView({
        type: "form",
        resModel: "marketing.campaign",
        resId,
        arch: `<form><widget name="marketing_problems"/></form>`,
    });

test("a campaign that works shows no banner", async () => {
    await mountProblems(1);
    expect(".alert").toHaveCount(0);
});

test("each problem leads to where it is mended", async () => {
    mockService("action", { doAction: (action) => expect.step(action) });
    const view = await mountProblems(2);
    view.env.bus.addEventListener("MARKETING_WORKFLOW:OPEN", ({ detail }) =>
        expect.step(detail.resId)
    );
    expect(".o_marketing_problems").toHaveClass("alert-danger");
    expect(queryAllTexts(".o_marketing_problems li")).toEqual([
        "The target is gone.",
        "Choose a mailing.",
    ]);
    await contains(".o_marketing_problems a").click();
    await contains(".o_marketing_warning a").click();
    expect.verifySteps([5, "base.action_ir_mail_server_list"]);
    expect(".o_marketing_warning:last a").toHaveCount(0);
});

import { describe, expect, test } from "@odoo/hoot";
import { animationFrame, press, queryAllTexts, queryFirst, waitFor } from "@odoo/hoot-dom";
import {
    clickSave,
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { getEvents, makeBranch, makeFigures, RULES } from "./workflow_test_helpers";

describe.current.tags("desktop");

class Campaign extends models.Model {
    _name = "marketing.campaign";

    name = fields.Char({ required: true });
    marketing_activity_ids = fields.One2many({
        relation: "marketing.activity",
        relation_field: "campaign_id",
    });

    _records = [{ id: 1, name: "Welcome", marketing_activity_ids: [1, 2, 3] }];
}

class Activity extends models.Model {
    _name = "marketing.activity";

    name = fields.Char({ required: true });
    campaign_id = fields.Many2one({ relation: "marketing.campaign" });
    parent_id = fields.Many2one({ relation: "marketing.activity" });
    branch_id = fields.Many2one({ relation: "marketing.activity.branch" });
    branches = fields.Json();
    goto_activity_id = fields.Many2one({ relation: "marketing.activity" });
    activity_type = fields.Selection({
        selection: RULES.types.map(({ key, label }) => [key, label]),
        default: "email",
    });
    trigger_type = fields.Selection({
        selection: RULES.triggers.map(({ key, label }) => [key, label]),
        default: "begin",
    });
    interval_number = fields.Integer();
    interval_type = fields.Selection({
        selection: [
            ["hours", "Hours"],
            ["days", "Days"],
        ],
        default: "hours",
    });
    interval_standardized = fields.Integer();
    possible_events = fields.Json({ default: getEvents("email") });

    _records = [
        {
            id: 1,
            name: "Hello",
            campaign_id: 1,
            trigger_type: "begin",
            activity_type: "email",
            possible_events: getEvents("email"),
        },
        {
            id: 2,
            name: "Again",
            campaign_id: 1,
            trigger_type: "mail_not_open",
            activity_type: "email",
            possible_events: getEvents("email"),
            parent_id: 1,
        },
        {
            id: 3,
            name: "Tag",
            campaign_id: 1,
            trigger_type: "activity",
            activity_type: "action",
            parent_id: 2,
        },
    ];
    _views = {
        form: `<form>
            <field name="name"/>
            <field name="trigger_type"/>
            <field name="parent_id"/>
            <field name="branch_id"/>
            <field name="branches"/>
            <field name="goto_activity_id"/>
        </form>`,
    };
}

class Branch extends models.Model {
    _name = "marketing.activity.branch";

    name = fields.Char();
    activity_id = fields.Many2one({ relation: "marketing.activity" });

    _records = [
        { id: 1, name: "A", activity_id: 2 },
        { id: 2, name: "B", activity_id: 2 },
    ];
}

defineMailModels();
defineModels([Branch, Campaign, Activity]);

function mockServer({ participants = 0, activities = {}, removal = {} } = {}) {
    onRpc("marketing.activity", "get_workflow_rules", () => RULES);
    onRpc("marketing.campaign", "get_workflow_metrics", () => {
        expect.step("metrics");
        return { participants, activities };
    });
    onRpc("marketing.activity", "get_removal", ({ args }) => {
        expect.step(args[0]);
        return { kept: 0, deleted: args[0].length, scheduled: 0, queued: 0, ...removal };
    });
}

function mountCampaign(resId) {
    return mountView({
        type: "form",
        resModel: "marketing.campaign",
        resId,
        arch: `<form>
            <field name="name"/>
            <field name="marketing_activity_ids" widget="marketing_workflow">
                <list limit="1000">
                    <field name="name"/><field name="parent_id"/><field name="activity_type"/>
                    <field name="possible_events"/>
                    <field name="branch_id"/><field name="branches"/><field name="goto_activity_id"/>
                    <field name="trigger_type"/><field name="interval_number"/><field name="interval_type"/>
                    <field name="interval_standardized"/>
                </list>
            </field>
        </form>`,
    });
}

const PANEL = ".o_mwf_side";
const card = (name) => `.o_mwf_card:has(.o_mwf_name:contains("${name}"))`;

test("edit an activity: the card follows, the form is dirty until it is saved", async () => {
    mockServer();
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await mountCampaign(1);
    await contains(card("Again")).click();
    await contains(`${PANEL} [name='name'] input`).edit("Once more");
    expect(".modal").toHaveCount(0);
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Once more", "Tag"]);
    await clickSave();
    expect.verifySteps([
        "metrics",
        { marketing_activity_ids: [[1, 2, { name: "Once more" }]] },
        "metrics",
    ]);
});

test("the panel stays open from step to step, and through a save", async () => {
    mockServer();
    await mountCampaign(1);
    await contains(card("Hello")).click();
    expect(`${PANEL} .o_mwf_side_title`).toHaveText("Hello");
    expect(card("Hello")).toHaveClass("o_mwf_selected");
    expect(`${PANEL} .o_mwf_side_previous`).toHaveAttribute("disabled");
    await contains(`${PANEL} .o_mwf_side_next`).click();
    expect(`${PANEL} [name='name'] input`).toHaveValue("Again");
    expect(card("Hello")).not.toHaveClass("o_mwf_selected");
    await contains(`${PANEL} [name='name'] input`).edit("Once more");
    await contains(card("Tag")).click();
    expect(`${PANEL} [name='name'] input`).toHaveValue("Tag");
    await clickSave();
    expect(`${PANEL} [name='name'] input`).toHaveValue("Tag");
    expect(card("Once more")).toHaveCount(1);
    await contains(`${PANEL} [name='name'] input`).edit("Label");
    expect(card("Label")).toHaveCount(1);
    expect.verifySteps(["metrics", "metrics"]);
});

test("discarding the form takes the panel back to what was saved", async () => {
    mockServer();
    await mountCampaign(1);
    await contains(card("Again")).click();
    await contains(`${PANEL} [name='name'] input`).edit("Once more");
    await contains(card("Hello")).click();
    await contains(card("Once more")).click();
    await contains(`${PANEL} [name='name'] input`).edit("And again");
    await contains(".o_form_button_cancel").click();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Again", "Tag"]);
    expect(`${PANEL} [name='name'] input`).toHaveValue("Again");
    expect(".o_form_button_save").not.toBeVisible();
    expect.verifySteps(["metrics"]);
});

test("Escape closes the panel, and the keyboard is where it was", async () => {
    mockServer();
    await mountCampaign(1);
    queryFirst(card("Again")).focus();
    await press("Enter");
    await waitFor(`${PANEL} input:focus`, { timeout: 3000 });
    await press("Escape");
    await animationFrame();
    expect(PANEL).toHaveCount(0);
    expect(card("Again")).toBeFocused();
    expect.verifySteps(["metrics"]);
});

test("the panel closes when its step is deleted", async () => {
    mockServer();
    await mountCampaign(1);
    await contains(card("Tag")).click();
    await contains(`${PANEL} .o_mwf_side_remove`).click();
    await contains(".modal-footer .btn-danger").click();
    expect(PANEL).toHaveCount(0);
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Again"]);
    expect.verifySteps(["metrics", [3]]);
});

test("labels of the panel belong to its own fields", async () => {
    mockServer();
    Activity._views.form = `<form><label for="name"/><field name="name"/></form>`;
    await mountCampaign(1);
    await contains(card("Tag")).click();
    const { htmlFor } = queryFirst(`${PANEL} label`);
    expect(`${PANEL} input[id='${htmlFor}']`).toHaveCount(1);
    expect(`[id='${htmlFor}']`).toHaveCount(1);
    expect.verifySteps(["metrics"]);
});

test("figures are loaded again when the form is saved, not before", async () => {
    mockServer({ participants: 3 });
    await mountCampaign(1);
    expect.verifySteps(["metrics"]);
    await contains("[name='name'] input").edit("Other name");
    expect.verifySteps([]);
    await clickSave();
    expect.verifySteps(["metrics"]);
    expect(".o_mwf_figures").toHaveCount(3);
});

test("a new campaign can be drawn before it is saved", async () => {
    mockServer();
    await mountCampaign();
    await contains(".o_mwf_first").click();
    await contains(`${PANEL} [name='name'] input`).edit("First");
    await contains(".o_mwf_add[data-key='start']").click();
    await contains(`${PANEL} [name='name'] input`).edit("Second");
    expect(queryAllTexts(".o_mwf_name")).toEqual(["First", "Second"]);
    expect(".o_mwf_line").toHaveCount(2);
    expect.verifySteps([]);
});

test("a child of a new activity: the form is saved first", async () => {
    mockServer();
    onRpc("marketing.campaign", "web_save", () => expect.step("save"));
    await mountCampaign();
    await contains(".o_form_view [name='name'] input").edit("New campaign");
    for (const name of ["First", "Second"]) {
        await contains(name === "First" ? ".o_mwf_first" : ".o_mwf_add[data-key='start']").click();
        await contains(`${PANEL} [name='name'] input`).edit(name);
    }
    await contains(".o_mwf_add:eq(2)").click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Not opened)").click();
    expect(`${PANEL} [name='parent_id'] input`).toHaveValue("Second");
    expect(`${PANEL} [name='trigger_type'] input`).toHaveValue("Not opened");
    await contains(`${PANEL} [name='name'] input`).edit("Child");
    await clickSave();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["First", "Second", "Child"]);
    expect(`${card("Child")}`).toHaveAttribute("aria-level", "3");
    expect.verifySteps(["save", "metrics", "save", "metrics"]);
});

test("a child of a new activity waits for what the form still needs", async () => {
    mockServer();
    await mountCampaign();
    await contains(".o_mwf_first").click();
    await contains(`${PANEL} [name='name'] input`).edit("First");
    await contains(".o_mwf_add:eq(1)").click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Then)").click();
    expect(".o_mwf_card").toHaveCount(1);
    expect(".o_form_view [name='name']:eq(0)").toHaveClass("o_field_invalid");
});

test("say what stays of what is deleted", async () => {
    mockServer({ removal: { kept: 1, deleted: 1, queued: 1 } });
    await mountCampaign(1);
    await contains(`${card("Again")} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Delete)").click();
    expect(".modal-body").toHaveText(
        "The step that follows it goes, too. Nothing is scheduled for it." +
            " 1 queued message is not sent." +
            " What has happened stays in journeys, figures and reports." +
            " What nobody has come to is deleted for good."
    );
    expect.verifySteps(["metrics", [2, 3]]);
});

test("delete with what follows, and say what goes with it", async () => {
    mockServer({ removal: { scheduled: 12 } });
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await mountCampaign(1);
    await contains(`${card("Again")} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Delete)").click();
    expect(".modal-body").toHaveText(
        "The step that follows it goes, too. 12 scheduled steps are cancelled." +
            " Nobody has come to it: it is deleted for good."
    );
    await contains(".modal-footer .btn-secondary").click();
    expect(".o_mwf_card").toHaveCount(3);
    await contains(`${card("Again")} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Delete)").click();
    await contains(".modal-footer .btn-danger").click();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello"]);
    await clickSave();
    expect.verifySteps([
        "metrics",
        [2, 3],
        [2, 3],
        {
            marketing_activity_ids: [
                [2, 2],
                [2, 3],
            ],
        },
        "metrics",
    ]);
});

test("move to the start and back", async () => {
    mockServer();
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await mountCampaign(1);
    await contains(".o_mwf_fit").click();
    await contains(card("Tag")).dragAndDrop(".o_mwf_start");
    expect(card("Tag")).toHaveAttribute("aria-level", "2");
    await contains(card("Tag")).dragAndDrop(card("Hello"));
    expect(card("Tag")).toHaveAttribute("aria-level", "3");
    await clickSave();
    expect.verifySteps([
        "metrics",
        {
            marketing_activity_ids: [
                [1, 3, { trigger_type: "activity", parent_id: 1, branch_id: false }],
            ],
        },
        "metrics",
    ]);
});

test("duplicate saves the form and loads the copy", async () => {
    mockServer();
    onRpc("marketing.activity", "duplicate_branch", ({ args }) => {
        expect.step(args[0]);
        const [id] = [Activity._records.length + 1];
        return id;
    });
    await mountCampaign(1);
    await contains(`${card("Again")} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Duplicate)").click();
    expect.verifySteps(["metrics", [2], "metrics"]);
});

test("numbers open what is behind them", async () => {
    mockService("action", { doAction: (action) => expect.step(action.name) });
    mockServer({
        participants: 5,
        activities: {
            1: makeFigures({
                processed: 5,
                sent: 5,
                open: 5,
                history: [["2026-03-01", 5, 0]],
            }),
        },
    });
    onRpc("marketing.activity", "action_view_figure", ({ args }) => ({
        name: `${args[0]} ${args[1]}`,
    }));
    onRpc("marketing.activity", "get_matching_count", () => 7);
    await mountCampaign(1);
    await contains(`${card("Hello")} [data-figure='open']`).click();
    expect.verifySteps(["metrics", "1 open"]);
    await contains(`${card("Hello")} .o_mwf_tab:contains(Filter)`).click();
    expect(`${card("Hello")} .o_mwf_filter button`).toHaveText("7 record(s) match now");
});

test("a step that is added on a branch comes on it", async () => {
    mockServer();
    let moved;
    onRpc("web_save", ({ args }) => {
        moved = args[1].marketing_activity_ids.find(([command]) => command === 1);
    });
    Activity._records[1].activity_type = "split";
    Activity._records[1].branches = [1, 2].map((id) => makeBranch(2, id, { name: `Way ${id}` }));
    await mountCampaign(1);
    await contains(".o_mwf_add[data-key='2/2']").click();
    expect(`${PANEL} [name='branch_id'] input`).toHaveValue("B");
    await contains(`${PANEL} [name='name'] input`).edit("Offer");
    expect(card("Offer")).toHaveAttribute("aria-level", "5");
    await contains(card("Tag")).dragAndDrop(".o_mwf_way[data-key='2/1']");
    await clickSave();
    expect.verifySteps(["metrics", "metrics"]);
    expect(moved).toEqual([1, 3, { trigger_type: "branch", branch_id: 1 }]);
});

import { describe, expect, test } from "@odoo/hoot";
import {
    animationFrame,
    press,
    queryAllTexts,
    queryFirst,
    waitFor,
    waitForNone,
} from "@odoo/hoot-dom";
import { Deferred } from "@odoo/hoot-mock";
import {
    clickSave,
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { WorkflowView } from "@marketing_automation/workflow/workflow_view";
import { getEvents, makeBranch, makeFigures, makeRandom, RULES } from "./workflow_test_helpers";

describe.current.tags("desktop");

class Campaign extends models.Model {
    _name = "marketing.campaign";

    name = fields.Char({ required: true });
    problem_list = fields.Json();
    marketing_activity_ids = fields.One2many({
        relation: "marketing.activity",
        relation_field: "campaign_id",
    });

    _records = [{ id: 1, name: "Welcome", marketing_activity_ids: [1, 2, 3] }];
}

class Activity extends models.Model {
    _name = "marketing.activity";

    name = fields.Char({ required: true });
    key = fields.Char();
    parent_key = fields.Char();
    branch_key = fields.Char();
    is_taken_out = fields.Boolean();
    content = fields.Char({ readonly: true });
    mass_mailing_id = fields.Many2one({ relation: "mailing.mailing" });
    campaign_id = fields.Many2one({ relation: "marketing.campaign" });
    parent_id = fields.Many2one({ relation: "marketing.activity" });
    branch_id = fields.Many2one({ relation: "marketing.activity.branch" });
    branches = fields.Json();
    branch_ids = fields.One2many({
        relation: "marketing.activity.branch",
        relation_field: "activity_id",
    });
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
            interval_number: 2,
            interval_type: "days",
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
    key = fields.Char();
    is_taken_out = fields.Boolean();
    sequence = fields.Integer({ default: 10 });
    branch_type = fields.Selection({ selection: [["random", "At random"]], default: "random" });
    weight = fields.Integer({ default: 50 });
    activity_id = fields.Many2one({ relation: "marketing.activity" });

    _records = [
        { id: 1, name: "A", key: false, sequence: 1, activity_id: 2 },
        { id: 2, name: "B", key: "b", sequence: 2, activity_id: 2 },
    ];
}

class Mailing extends models.Model {
    _name = "mailing.mailing";
    _rec_name = "subject";

    subject = fields.Char();
    preview = fields.Char();
    body_html = fields.Html();

    _records = [{ id: 1, subject: "Welcome aboard", body_html: "<p>Hello</p>" }];
    _views = { form: `<form><field name="subject"/></form>` };
}

defineMailModels();
defineModels([Branch, Campaign, Activity, Mailing]);

function mockServer({ participants = 0, activities = {}, removal = {}, isQuiet = false } = {}) {
    const note = (step) => isQuiet || expect.step(step);
    onRpc("marketing.activity", "get_workflow_rules", () => RULES);
    onRpc("marketing.campaign", "get_workflow_metrics", () => {
        note("metrics");
        return { participants, activities };
    });
    onRpc("marketing.activity", "get_removal", ({ args }) => {
        note(args[0]);
        return { kept: 0, deleted: args[0].length, scheduled: 0, queued: 0, ...removal };
    });
}

function mountCampaign(resId, { jsClass = "form" } = {}) {
    return mountView({
        type: "form",
        resModel: "marketing.campaign",
        resId,
        arch: `<form js_class="${jsClass}">
            <field name="name"/>
            <field name="marketing_activity_ids" widget="marketing_workflow">
                <list limit="1000">
                    <field name="key"/><field name="parent_key"/><field name="branch_key"/><field name="is_taken_out"/>
                    <field name="name"/><field name="parent_id"/><field name="activity_type"/>
                    <field name="possible_events"/><field name="content"/>
                    <field name="branch_id"/><field name="branches"/><field name="goto_activity_id"/>
                    <field name="trigger_type"/><field name="interval_number"/><field name="interval_type"/>
                    <field name="interval_standardized"/>
                </list>
            </field>
        </form>`,
    });
}

/** What the workflow view can do, for what nothing on the canvas does yet. */
function catchActions() {
    const caught = {};
    patchWithCleanup(WorkflowView.prototype, {
        setup() {
            super.setup();
            Object.assign(caught, { view: this, current: this.props.actions });
        },
    });
    return caught;
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

/** Steps that name "Hello", as the server says it. */
function mockNaming() {
    Campaign._records[0].marketing_activity_ids.push(4, 5);
    const values = { campaign_id: 1, trigger_type: "activity", parent_id: 1, possible_events: [] };
    Activity._records.push(
        {
            id: 4,
            name: "Back",
            activity_type: "goto",
            goto_activity_id: 1,
            content: "Go to “Hello”, at most 3 visits",
            ...values,
        },
        {
            id: 5,
            name: "Read it?",
            activity_type: "condition",
            branches: [makeBranch(5, 7, { description: "“Hello” was opened" })],
            ...values,
        }
    );
    Activity._records[1].content = "Say “Hello”";
}

test("steps name others by the names that these have on the canvas", async () => {
    mockServer({ isQuiet: true });
    mockNaming();
    await mountCampaign(1);
    expect(".o_mwf_jump").toHaveText("Go to “Hello”, at most 3 visits");
    await contains(card("Hello")).click();
    await contains(`${PANEL} [name='name'] input`).edit("Welcome");
    expect(".o_mwf_jump").toHaveText("Go to “Welcome”, at most 3 visits");
    expect(".o_mwf_canvas").toHaveText(/“Welcome” was opened/);
    // The subject of an email is what it is.
    expect(content("Again")).toHaveText("Say “Hello”");
    await contains(".o_form_button_cancel").click();
    expect(".o_mwf_jump").toHaveText("Go to “Hello”, at most 3 visits");
});

test("a name that two steps had names neither anew", async () => {
    mockServer({ isQuiet: true });
    mockNaming();
    Activity._records[2].name = "Hello";
    await mountCampaign(1);
    await contains(`${card("Hello")}:first`).click();
    await contains(`${PANEL} [name='name'] input`).edit("Welcome");
    expect(".o_mwf_jump").toHaveText("Go to “Hello”, at most 3 visits");
});

test("the sentence of the panel names the step before as it is called on the canvas", async () => {
    mockServer({ isQuiet: true });
    Activity._views.form = `<form>
        <field name="name"/><field name="parent_id" invisible="1"/>
        <field name="activity_type" invisible="1"/><field name="trigger_type" invisible="1"/>
        <field name="interval_number" invisible="1"/><field name="interval_type" invisible="1"/>
        <widget name="marketing_trigger_sentence"/>
    </form>`;
    await mountCampaign(1);
    await contains(card("Hello")).click();
    await contains(`${PANEL} [name='name'] input`).edit("Welcome");
    await contains(card("Again")).click();
    expect(`${PANEL} .o_widget_marketing_trigger_sentence`).toHaveText(/“Welcome”/);
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

/** Steps that send an email, and are described by it. */
function mockContents() {
    for (const record of Activity._records.slice(0, 2)) {
        Object.assign(record, { mass_mailing_id: 1, content: "Welcome aboard" });
    }
    onRpc("mailing.mailing", "web_save", async function ({ args, parent }) {
        for (const record of this.env["marketing.activity"]) {
            if (record.mass_mailing_id) {
                record.content = args[1].subject;
            }
        }
        return parent();
    });
    Activity._views.form = `<form>
        <field name="activity_type" invisible="1"/>
        <field name="name"/>
        <field name="mass_mailing_id" widget="marketing_mailing" invisible="activity_type != 'email'"/>
    </form>`;
}

const content = (name) => `${card(name)} .o_mwf_content`;

test("an email that was edited from the panel: its cards say so, the campaign is not changed", async () => {
    mockServer({ isQuiet: true });
    mockContents();
    onRpc("marketing.campaign", "web_save", () => expect.step("save"));
    await mountCampaign(1);
    expect(queryAllTexts(".o_mwf_content")).toEqual([
        "Welcome aboard",
        "Welcome aboard",
        "Server Action",
    ]);
    await contains(card("Hello")).click();
    await contains(`${PANEL} .o_marketing_edit`).click();
    await contains(".modal [name='subject'] input").edit("Good to have you");
    await contains(".modal .o_form_button_save").click();
    await waitFor(`${content("Hello")}:contains(Good to have you)`);
    // Another step sends the same one.
    expect(content("Again")).toHaveText("Good to have you");
    expect(`${PANEL} [name='mass_mailing_id'] input`).toHaveValue("Good to have you");
    expect(".o_form_button_save").not.toBeVisible();
    expect(".o_mwf_undo").not.toBeEnabled();
    expect.verifySteps([]);
});

test("an email that was edited while its step is changed: the change stays", async () => {
    mockServer({ isQuiet: true });
    mockContents();
    let lines;
    onRpc("marketing.campaign", "web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    await mountCampaign(1);
    await contains(card("Hello")).click();
    await contains(`${PANEL} [name='name'] input`).edit("Hi");
    await contains(`${PANEL} .o_marketing_edit`).click();
    await contains(".modal [name='subject'] input").edit("Good to have you");
    await contains(".modal .o_form_button_save").click();
    await waitFor(`${content("Hi")}:contains(Good to have you)`);
    await clickSave();
    expect(lines.map(([code, id, { name }]) => [code, id, name])).toEqual([[1, 1, "Hi"]]);
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
    await animationFrame();
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

/** Add a step where there is a "+"; it gets a name in its form. */
async function addStep(button, name, choice) {
    await contains(button).click();
    if (choice) {
        await contains(`.o_mwf_choice:contains(${choice})`).click();
    }
    await contains(".o_mwf_step_menu [data-type='email']").click();
    await waitFor(`${PANEL} input:focus`);
    await contains(`${PANEL} [name='name'] input`).edit(name);
}

test("a new campaign can be drawn before it is saved", async () => {
    mockServer();
    await mountCampaign();
    await addStep(".o_mwf_first", "First");
    await addStep(".o_mwf_add[data-key='start']", "Second");
    expect(queryAllTexts(".o_mwf_name")).toEqual(["First", "Second"]);
    expect(".o_mwf_line").toHaveCount(2);
    expect.verifySteps([]);
});

test("a new step is on the canvas at once, with a name of its own", async () => {
    mockServer();
    await mountCampaign(1);
    for (let count = 0; count < 2; count++) {
        await contains(".o_mwf_add[data-key='start']").click();
        await contains(".o_mwf_step_menu [data-type='email']").click();
        await waitFor(`.o_mwf_card:eq(${3 + count})`);
    }
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Again", "Tag", "Email", "Email 2"]);
    expect.verifySteps(["metrics"]);
});

test("what comes after a new activity saves nothing", async () => {
    mockServer();
    onRpc("marketing.campaign", "web_save", ({ args }) => {
        expect.step("save");
        lines = args[1].marketing_activity_ids;
    });
    let lines = [];
    await mountCampaign();
    await contains(".o_form_view [name='name'] input").edit("New campaign");
    await addStep(".o_mwf_first", "First");
    await addStep(".o_mwf_add:eq(1)", "Second", "Not opened");
    await addStep(".o_mwf_add:eq(2)", "Third", "Then");
    expect.verifySteps([]);
    expect(card("Third")).toHaveAttribute("aria-level", "4");
    await clickSave();
    expect.verifySteps(["save", "metrics"]);
    const [first, second, third] = lines.map(([, , values]) => values);
    expect([first.name, second.name, third.name]).toEqual(["First", "Second", "Third"]);
    expect(Boolean(first.key)).toBe(true);
    expect([second.parent_key, second.parent_id, second.trigger_type]).toEqual([
        first.key,
        false,
        "mail_not_open",
    ]);
    expect(third.parent_key).toBe(second.key);
    expect(card("Third")).toHaveAttribute("aria-level", "4");
});

test("a step that is inserted on a line", async () => {
    mockServer();
    let lines;
    onRpc("web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    const caught = catchActions();
    await mountCampaign(1);
    await caught.current.insert({ key: "2" }, { type: "action" });
    await animationFrame();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Server Action", "Again", "Tag"]);
    expect(card("Again")).toHaveAttribute("aria-level", "4");
    expect(".o_mwf_branch:eq(1)").toHaveText("Not opened within 2 days");
    expect(".o_mwf_branch:eq(2)").toHaveText("Then, at once");
    await clickSave();
    const [inserted] = lines.filter(([command]) => command === 0);
    expect([inserted[2].trigger_type, inserted[2].parent_id]).toEqual(["mail_not_open", 1]);
    expect(lines.find(([command]) => command === 1)).toEqual([
        1,
        2,
        {
            interval_number: 0,
            trigger_type: "activity",
            parent_key: inserted[2].key,
            parent_id: false,
            branch_key: false,
            branch_id: false,
        },
    ]);
    expect.verifySteps(["metrics", "metrics"]);
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

async function deleteStep(name) {
    await contains(`${card(name)} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Delete)").click();
}

test("delete with what follows, and say what goes with it", async () => {
    mockServer({ removal: { scheduled: 12 } });
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await mountCampaign(1);
    await deleteStep("Again");
    expect(".modal-body").toHaveText(
        "The step that follows it goes, too. 12 scheduled steps are cancelled." +
            " Nobody has come to it: it is deleted for good."
    );
    await contains(".modal-footer .btn-secondary").click();
    expect(".o_mwf_card").toHaveCount(3);
    await deleteStep("Again");
    await contains(".modal-footer .btn-danger").click();
    await animationFrame();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello"]);
    await clickSave();
    expect.verifySteps([
        "metrics",
        [2, 3],
        [2, 3],
        {
            marketing_activity_ids: [
                [1, 2, { is_taken_out: true }],
                [1, 3, { is_taken_out: true }],
            ],
        },
        "metrics",
    ]);
});

test("where nobody is, a step is deleted without a question: it can be undone", async () => {
    mockServer();
    await mountCampaign(1);
    await deleteStep("Again");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello"]);
    expect(".o_notification_content").toHaveText("Deleted “Again”");
    await contains(".o_notification_buttons button:contains(Undo)").click();
    await animationFrame();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Again", "Tag"]);
    expect.verifySteps(["metrics", [2, 3]]);
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
                [
                    1,
                    3,
                    {
                        trigger_type: "activity",
                        parent_key: "1",
                        parent_id: 1,
                        branch_key: false,
                        branch_id: false,
                    },
                ],
            ],
        },
        "metrics",
    ]);
});

test("a move says what becomes of what the step waited for", async () => {
    mockServer();
    await mountCampaign(1);
    await contains(".o_mwf_fit").click();
    await contains(card("Again")).dragAndDrop(".o_mwf_start");
    await animationFrame();
    expect(".o_notification_content").toHaveText(
        "Moved to the start. It comes 2 days later, whether or not: “Not opened”"
    );
    expect(".o_mwf_branch:contains(Start, 2 days later)").toHaveCount(1);
    await contains(card("Again")).dragAndDrop(card("Hello"));
    await animationFrame();
    expect(".o_notification_content").toHaveText(
        "Moved under “Hello”. It waits for “Not opened” again"
    );
    expect(".o_mwf_branch:contains(Not opened within 2 days)").toHaveCount(1);
    expect.verifySteps(["metrics"]);
});

test("undo and redo, by buttons and by keys", async () => {
    mockServer();
    await mountCampaign(1);
    const level = () => queryFirst(card("Tag")).getAttribute("aria-level");
    expect(".o_mwf_undo").not.toBeEnabled();
    await contains(card("Tag")).dragAndDrop(".o_mwf_start");
    await animationFrame();
    await contains(".o_mwf_undo").click();
    await animationFrame();
    expect(level()).toBe("4");
    expect(".o_mwf_undo").not.toBeEnabled();
    await contains(".o_mwf_redo").click();
    await animationFrame();
    expect(level()).toBe("2");
    const type = async (...keys) => {
        await press(keys);
        await animationFrame();
        await animationFrame();
    };
    await contains(card("Tag")).focus();
    await type("ctrl", "z");
    expect(level()).toBe("4");
    await type("ctrl", "shift", "z");
    expect(level()).toBe("2");
    await type("ctrl", "z");
    await type("ctrl", "y");
    expect(level()).toBe("2");
    // In a text field, it is the text that is undone.
    await contains("[name='name'] input").focus();
    await type("ctrl", "z");
    expect(level()).toBe("2");
    expect.verifySteps(["metrics"]);
});

test("what is typed in the form of a step is undone, too", async () => {
    mockServer();
    await mountCampaign(1);
    await contains(card("Again")).click();
    await contains(`${PANEL} [name='name'] input`).edit("Once more");
    await animationFrame();
    expect(".o_mwf_undo").toHaveAttribute("aria-label", "Undo: Changed “Once more” (Ctrl+Z)");
    await contains(".o_mwf_undo").click();
    await animationFrame();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Again", "Tag"]);
    expect.verifySteps(["metrics"]);
});

test("an added step is undone, and is there again", async () => {
    mockServer();
    let lines;
    onRpc("web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    await mountCampaign(1);
    await addStep(".o_mwf_add[data-key='start']", "Other");
    await animationFrame();
    for (const [button, count] of [
        ["undo", 4],
        ["undo", 3],
        ["redo", 4],
        ["redo", 4],
    ]) {
        await contains(`.o_mwf_${button}`).click();
        await animationFrame();
        expect(".o_mwf_card").toHaveCount(count);
    }
    expect(queryAllTexts(".o_mwf_name")).toInclude("Other");
    await contains(".o_mwf_undo").click();
    await contains(".o_mwf_undo").click();
    await animationFrame();
    await clickSave();
    expect(lines).toHaveLength(1);
    expect(lines[0][2].is_taken_out).toBe(true);
    expect.verifySteps(["metrics", "metrics"]);
});

test("a save keeps what can be undone, a discard does not", async () => {
    mockServer();
    await mountCampaign(1);
    await contains(".o_mwf_fit").click();
    await contains(card("Tag")).dragAndDrop(".o_mwf_start");
    await clickSave();
    await animationFrame();
    expect(".o_mwf_undo").toBeEnabled();
    await contains(".o_mwf_undo").click();
    await animationFrame();
    expect(card("Tag")).toHaveAttribute("aria-level", "4");
    expect(".o_form_button_save").toBeVisible();
    await contains(".o_form_button_cancel").click();
    await animationFrame();
    expect(card("Tag")).toHaveAttribute("aria-level", "2");
    expect(".o_mwf_undo").not.toBeEnabled();
    expect(".o_mwf_redo").not.toBeEnabled();
    expect.verifySteps(["metrics", "metrics"]);
});

test("a save ends what can be undone where a step has gone for good", async () => {
    mockServer();
    await mountCampaign(1);
    await deleteStep("Tag");
    await animationFrame();
    expect(".o_mwf_undo").toBeEnabled();
    await clickSave();
    await animationFrame();
    expect(".o_mwf_undo").not.toBeEnabled();
    expect.verifySteps(["metrics", [3], "metrics"]);
});

/** What the server says of copies of steps 2 and 3. */
function mockCopies(leftOut = []) {
    const makeCopy = (id, values) => ({
        id,
        parent_id: false,
        branch: false,
        trigger_type: "activity",
        possible_events: [],
        branches: [],
        ...values,
        values: { interval_number: 2, interval_type: "days", ...values.values },
    });
    onRpc("marketing.activity", "get_copies", ({ args }) => {
        expect.step(["get_copies", ...args[0]]);
        return {
            steps: [
                makeCopy(2, {
                    name: "Again",
                    trigger_type: "mail_not_open",
                    values: { activity_type: "email" },
                }),
                makeCopy(3, { name: "Tag", parent_id: 2, values: { activity_type: "action" } }),
            ],
            left_out: leftOut,
        };
    });
}

test("a step is duplicated with what follows it, and nothing is saved", async () => {
    mockServer();
    mockCopies();
    let lines;
    onRpc("web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    await mountCampaign(1);
    await contains(`${card("Again")} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Duplicate)").click();
    await waitFor(card("Tag (copy)"));
    expect.verifySteps(["metrics", ["get_copies", 2, 3]]);
    expect(card("Again (copy)")).toHaveAttribute("aria-level", "3");
    expect(card("Tag (copy)")).toHaveAttribute("aria-level", "4");
    expect(".o_mwf_branch:contains(Not opened within 2 days)").toHaveCount(2);
    await contains(".o_mwf_undo").click();
    await animationFrame();
    expect(".o_mwf_card").toHaveCount(3);
    await contains(".o_mwf_redo").click();
    await animationFrame();
    await clickSave();
    const [copy, below] = lines.map(([, , values]) => values);
    expect([copy.parent_id, copy.trigger_type, copy.name]).toEqual([
        1,
        "mail_not_open",
        "Again (copy)",
    ]);
    expect([below.parent_key, below.trigger_type]).toEqual([copy.key, "activity"]);
    expect.verifySteps(["metrics"]);
});

async function fireClipboard(type, data) {
    document.dispatchEvent(new ClipboardEvent(type, { clipboardData: data }));
    await animationFrame();
    await animationFrame();
}

test("copy and paste by keys, and what is left out is said", async () => {
    mockServer();
    mockCopies(["“Again”: its message is not for “Lead”, write another one."]);
    await mountCampaign(1);
    const data = new DataTransfer();
    await contains(card("Again")).focus();
    await fireClipboard("copy", data);
    queryFirst(".o_mwf_start").focus();
    await fireClipboard("paste", data);
    await waitFor(card("Tag (copy)"));
    expect(card("Again (copy)")).toHaveAttribute("aria-level", "2");
    expect(".o_notification_content:contains(write another one)").toHaveCount(1);
    // Another text, or a text field: nothing of ours.
    data.setData("text/plain", "Hello");
    await fireClipboard("paste", data);
    await contains("[name='name'] input").focus();
    const empty = new DataTransfer();
    await fireClipboard("copy", empty);
    expect(empty.getData("text/plain")).toBe("");
    expect(".o_mwf_card").toHaveCount(5);
    expect.verifySteps(["metrics", ["get_copies", 2, 3]]);
});

test("a discard comes after the edit that is under way", async () => {
    mockServer({ isQuiet: true });
    mockCopies();
    await mountCampaign(1, { jsClass: "marketing_campaign_form" });
    await contains(".o_form_view [name='name'] input").edit("Other name");
    const data = new DataTransfer();
    await contains(card("Again")).focus();
    await fireClipboard("copy", data);
    const ready = new Deferred();
    onRpc("marketing.activity", "onchange", async ({ parent }) => {
        await ready;
        return parent();
    });
    await fireClipboard("paste", data);
    await contains(".o_form_button_cancel").click();
    ready.resolve();
    for (let count = 0; count < 8; count++) {
        await animationFrame();
    }
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Again", "Tag"]);
    expect(".o_form_view [name='name'] input").toHaveValue("Welcome");
    expect.verifySteps([["get_copies", 2, 3]]);
});

const getFocused = () =>
    document.activeElement.querySelector(".o_mwf_name")?.textContent ||
    document.activeElement.dataset.key;

async function pressKeys(...keys) {
    for (const key of keys) {
        await press(key);
        for (let count = 0; count < 4; count++) {
            await animationFrame();
        }
    }
}

test("what is cut or deleted leaves the focus to what it came after", async () => {
    mockServer({ isQuiet: true });
    await mountCampaign(1);
    await contains(card("Tag")).focus();
    await fireClipboard("cut", new DataTransfer());
    await animationFrame();
    expect(getFocused()).toBe("Again");
    await pressKeys("Delete");
    expect(getFocused()).toBe("Hello");
    await pressKeys("Delete");
    expect(getFocused()).toBe("start");
    // It is where one works on: undo, and again.
    await pressKeys(["ctrl", "z"], ["ctrl", "z"], ["ctrl", "z"]);
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Again", "Tag"]);
    await contains(card("Tag")).focus();
    await pressKeys(["ctrl", "y"]);
    expect(getFocused()).toBe("Again");
});

test("what is cut from the middle, with what follows it, or from a menu", async () => {
    mockServer({ isQuiet: true });
    await mountCampaign(1);
    await contains(card("Tag")).focus();
    await contains(`${card("Again")} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Cut)").click();
    await waitFor(".o_mwf_card:count(1)");
    await animationFrame();
    expect(getFocused()).toBe("Hello");
});

test("the undo of what was added, or pasted, leaves the focus to what it came after", async () => {
    mockServer({ isQuiet: true });
    mockCopies();
    await mountCampaign(1);
    const data = new DataTransfer();
    await contains(card("Again")).focus();
    await fireClipboard("copy", data);
    await fireClipboard("paste", data);
    await waitFor(card("Tag (copy)"));
    queryFirst(card("Tag (copy)")).focus();
    await pressKeys(["ctrl", "z"]);
    expect(".o_mwf_card").toHaveCount(3);
    expect(getFocused()).toBe("Again");
    expect.verifySteps([["get_copies", 2, 3]]);
});

test("the focus comes to what a deleted step came after when one was asked, and in the panel", async () => {
    mockServer({ isQuiet: true, removal: { kept: 2 } });
    await mountCampaign(1);
    await contains(card("Tag")).focus();
    await pressKeys("Delete");
    await contains(".modal .btn-danger").click();
    await waitForNone(".modal");
    expect(".o_mwf_card").toHaveCount(2);
    expect(getFocused()).toBe("Again");
    // In the panel one has walked there.
    await contains(card("Hello")).click();
    await contains(`${PANEL} .o_mwf_side_next`).click();
    await contains(`${PANEL} .o_mwf_side_remove`).click();
    await contains(".modal .btn-danger").click();
    await waitForNone(".modal");
    expect(PANEL).toHaveCount(0);
    expect(getFocused()).toBe("Hello");
});

test("the focus goes back to the canvas when the bar of what is selected closes", async () => {
    mockServer({ isQuiet: true });
    await mountCampaign(1);
    await contains(card("Tag")).click({ ctrlKey: true });
    await contains(".o_mwf_selection [aria-label='Select nothing']").click();
    await animationFrame();
    expect(getFocused()).toBe("Tag");
    await contains(card("Tag")).click({ ctrlKey: true });
    await contains(".o_mwf_selection [aria-label='Cut']").click();
    await waitForNone(card("Tag"));
    await animationFrame();
    expect(getFocused()).toBe("Again");
});

test("the focus is not taken from where one is", async () => {
    mockServer({ isQuiet: true });
    await mountCampaign(1);
    await contains(card("Tag")).focus();
    const cut = fireClipboard("cut", new DataTransfer());
    queryFirst("[name='name'] input").focus();
    await cut;
    await animationFrame();
    expect(".o_mwf_card").toHaveCount(2);
    expect("[name='name'] input").toBeFocused();
});

test("cut and paste is a move", async () => {
    mockServer();
    let lines;
    onRpc("web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    await mountCampaign(1);
    const data = new DataTransfer();
    await contains(card("Again")).focus();
    await fireClipboard("cut", data);
    expect(".o_mwf_card").toHaveCount(1);
    queryFirst(".o_mwf_start").focus();
    await fireClipboard("paste", data);
    await waitFor(".o_notification_content:contains(Pasted)");
    expect(card("Again")).toHaveAttribute("aria-level", "2");
    expect(card("Tag")).toHaveAttribute("aria-level", "3");
    await clickSave();
    expect(lines.map(([code, id]) => [code, id])).toEqual([
        [1, 2],
        [1, 3],
    ]);
    expect(lines[0][2].trigger_type).toBe("begin");
    expect.verifySteps(["metrics", "metrics"]);
});

test("what was never saved is not copied, and it is said", async () => {
    mockServer();
    const caught = catchActions();
    await mountCampaign(1);
    await addStep(".o_mwf_add[data-key='start']", "Other");
    const step = caught.view.props.steps.find(({ name }) => name === "Other");
    expect(caught.current.copy([step])).toBe("");
    await animationFrame();
    expect(".o_notification_content").toHaveText(
        "Save the campaign first: “Other”, or what follows, is not saved yet."
    );
    const elsewhere = JSON.stringify({
        type: "marketing_automation.steps",
        database: "elsewhere",
        steps: [{ key: "1", id: 1 }],
    });
    expect(await caught.current.paste(elsewhere, null)).toBe(false);
    expect(".o_mwf_card").toHaveCount(4);
    expect.verifySteps(["metrics"]);
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
    let lines;
    onRpc("web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    Activity._records[1].activity_type = "split";
    Activity._records[1].branches = [1, 2].map((id) =>
        makeBranch(2, id, { key: `${id}`, name: `Way ${id}` })
    );
    await mountCampaign(1);
    await addStep(".o_mwf_add[data-key='2/2']", "Offer");
    expect(card("Offer")).toHaveAttribute("aria-level", "5");
    await contains(card("Tag")).dragAndDrop(".o_mwf_way[data-key='2/1']");
    await waitFor(".o_notification_content:contains(Moved to the branch)");
    await clickSave();
    expect.verifySteps(["metrics", "metrics"]);
    const place = ({ trigger_type, parent_id, branch_id, branch_key }) => [
        trigger_type,
        parent_id,
        branch_id,
        branch_key,
    ];
    const [moved, added] = [1, 0].map((code) => lines.find(([command]) => command === code)[2]);
    expect(moved).toEqual({
        trigger_type: "branch",
        parent_key: "2",
        branch_id: 1,
        branch_key: "1",
    });
    expect(place(added)).toEqual(["branch", 2, 2, "2"]);
});

/** A split with a step on its first way, in a form that shows its branches. */
function mockBranches() {
    Object.assign(Activity._records[1], {
        activity_type: "split",
        branch_ids: [1, 2],
        branches: [
            makeBranch(2, 1, { key: "1", name: "A" }),
            makeBranch(2, 2, { key: "b", name: "B" }),
        ],
    });
    Object.assign(Activity._records[2], { trigger_type: "branch", branch_id: 1 });
    onRpc("marketing.activity.branch", "onchange", async ({ args, parent }) => {
        const { value, ...result } = await parent();
        return { ...result, value: args[2].length ? value : { ...value, key: "k1" } };
    });
    Activity._views.form = `<form>
        <field name="name"/>
        <field name="branch_ids" widget="marketing_branches">
            <list editable="bottom" default_order="sequence, id" limit="1000">
                <control><create string="Add a branch"/></control>
                <field name="sequence" widget="handle"/>
                <field name="key" column_invisible="1"/>
                <field name="is_taken_out" column_invisible="1"/>
                <field name="branch_type" column_invisible="1"/>
                <field name="name"/>
                <field name="weight"/>
            </list>
        </field>
    </form>`;
}

const ROWS = `${PANEL} .o_data_row:not(.d-none)`;
const getRows = () => queryAllTexts(ROWS).map((text) => text.replaceAll(/\s+/g, " "));

/** Press a button of the canvas as often as there are rows to be seen then. */
async function pressAndSee(button, ...seen) {
    for (const rows of seen) {
        await contains(`.o_mwf_${button}`).click();
        await animationFrame();
        expect(getRows()).toEqual(rows);
    }
}

test("what is typed of branches, their order and new ones are undone and done again", async () => {
    mockServer({ isQuiet: true });
    mockBranches();
    let lines;
    onRpc("marketing.campaign", "web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    await mountCampaign(1);
    await contains(card("Again")).click();
    expect(getRows()).toEqual(["A 50", "B 50"]);
    await contains(`${ROWS}:first [name='weight']`).click();
    await contains(`${ROWS}:first [name='weight'] input`).edit("70");
    await contains(`${ROWS}:first .o_row_handle`).dragAndDrop(`${ROWS}:last`);
    await contains(`${PANEL} .o_field_x2many_list_row_add a`).click();
    await contains(`${PANEL} .o_selected_row [name='name'] input`).edit("C", { confirm: "tab" });
    await contains(`${PANEL} .o_mwf_side_title`).click();
    await animationFrame();
    const [start, weighed, ordered] = [
        ["A 50", "B 50"],
        ["A 70", "B 50"],
        ["B 50", "A 70"],
    ];
    const [added, named] = [
        [...ordered, "50"],
        [...ordered, "C 50"],
    ];
    expect(getRows()).toEqual(named);
    expect(".o_mwf_undo").toHaveAttribute(
        "aria-label",
        "Undo: Changed the branch “C” of “Again” (Ctrl+Z)"
    );
    await pressAndSee("undo", added, ordered, weighed, start);
    expect(".o_mwf_undo").not.toBeEnabled();
    await pressAndSee("redo", weighed, ordered, added, named);
    expect(".o_mwf_redo").not.toBeEnabled();
    await contains(`${PANEL} .o_mwf_side_close`).click();
    await clickSave();
    const ways = lines.find(([, id]) => id === 2)[2].branch_ids;
    expect(ways.map(([command, id]) => [command, command && id])).toEqual([
        [1, 1],
        [1, 2],
        [0, 0],
    ]);
    expect(ways[0][2].weight).toBe(70);
    expect(ways[2][2].name).toBe("C");
    expect(ways[2][2].key).toBe("k1");
    // They are loaded again before something of them is undone.
    await contains(".o_mwf_undo").click();
    await waitFor(".o_notification_content:contains(Undone: Changed the branch “C”)");
    await contains(card("Again")).click();
    expect(getRows().at(-1)).toBe("50");
});

test("a branch goes with what hangs on it, and comes back with it", async () => {
    mockServer();
    mockBranches();
    let lines;
    onRpc("marketing.campaign", "web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    await mountCampaign(1);
    await contains(card("Again")).click();
    await contains(`${ROWS}:first .o_list_record_remove`).click();
    await waitFor(".o_notification_content:contains(Deleted the branch “A” of “Again”)");
    expect.verifySteps(["metrics", [3]]);
    expect(card("Tag")).toHaveCount(0);
    expect(getRows()).toEqual(["B 50"]);
    await contains(".o_notification button:contains(Undo)").click();
    await animationFrame();
    expect(getRows()).toEqual(["A 50", "B 50"]);
    expect(card("Tag")).toHaveAttribute("aria-level", "5");
    await pressAndSee("redo", ["B 50"]);
    expect(card("Tag")).toHaveCount(0);
    await clickSave();
    await animationFrame();
    expect(lines).toInclude([1, 3, { is_taken_out: true }]);
    expect(lines.find(([, id]) => id === 2)[2]).toEqual({
        branch_ids: [[1, 1, { is_taken_out: true }]],
    });
    // Both have gone for good.
    expect(".o_mwf_undo").not.toBeEnabled();
    expect.verifySteps(["metrics"]);
});

test("somebody is where a branch goes: it is asked first", async () => {
    mockServer({ isQuiet: true, removal: { kept: 1, deleted: 0, scheduled: 2 } });
    mockBranches();
    await mountCampaign(1);
    await contains(card("Again")).click();
    await contains(`${ROWS}:first .o_list_record_remove`).click();
    expect(".modal-title").toHaveText("Delete the branch “A” of “Again”?");
    expect(".modal-body").toHaveText(
        "The step that follows it goes, too. 2 scheduled steps are cancelled. What has happened stays in journeys, figures and reports."
    );
    await contains(".modal-footer .btn-secondary").click();
    expect(getRows()).toEqual(["A 50", "B 50"]);
    // Nothing hangs on the other one.
    await contains(`${ROWS}:last .o_list_record_remove`).click();
    await animationFrame();
    expect(getRows()).toEqual(["A 50"]);
});

test("random edits in the form: all are undone, and all done again", async () => {
    mockServer({ isQuiet: true });
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = makeRandom(seed);
    const pick = (values) => values[Math.floor(random() * values.length)];
    const caught = catchActions();
    await mountCampaign(1);
    const actions = caught.current;
    actions.open = () => {};
    const getSteps = () =>
        caught.view.props.steps
            .map(({ key, parentKey, trigger, delay, name }) => [
                key,
                parentKey,
                trigger,
                delay,
                name,
            ])
            .sort();
    const edits = {
        add: () => actions.add(null, "begin", null, { type: pick(["email", "action"]) }),
        insert: (step) => actions.insert(step, { type: "action" }),
        move: (step, other) => actions.move(step, other, null, null),
        moveOntoLine: (step, other) => actions.moveOntoLine(step, other || step),
        remove: (step) => random() < 0.4 && actions.remove([step]),
    };
    const seen = [getSteps()];
    for (let number = 0; number < 15; number++) {
        const { steps } = caught.view.props;
        const edit = steps.length ? pick(Object.keys(edits)) : "add";
        await edits[edit](pick(steps), pick([null, ...steps]));
        await animationFrame();
        if (JSON.stringify(getSteps()) !== JSON.stringify(seen.at(-1))) {
            seen.push(getSteps());
        }
    }
    const message = `seed ${seed}`;
    for (const before of seen.slice(0, -1).reverse()) {
        await actions.undo();
        await animationFrame();
        expect(getSteps()).toEqual(before, { message });
    }
    expect(actions.history.undoLabel).toBe("", { message });
    for (const after of seen.slice(1)) {
        await actions.redo();
        await animationFrame();
        expect(getSteps()).toEqual(after, { message });
    }
});

import { describe, expect, test } from "@odoo/hoot";
import { animationFrame, press, queryAllTexts, queryFirst, waitFor } from "@odoo/hoot-dom";
import { clickSave, contains, onRpc } from "@web/../tests/web_test_helpers";
import { card, makeBranch } from "./workflow_test_helpers";
import {
    Activity,
    Campaign,
    PANEL,
    content,
    defineCampaigns,
    mockServer,
    mountCampaign,
} from "./workflow_field_helpers";

describe.current.tags("desktop");

defineCampaigns();

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

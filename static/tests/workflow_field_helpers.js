/** A form of a campaign with its workflow, and a server behind it. */

import { expect } from "@odoo/hoot";
import { animationFrame, queryAllTexts, waitFor } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { WorkflowView } from "@marketing_automation/workflow/workflow_view";
import { RULES, card, getEvents, makeBranch } from "./workflow_test_helpers";

export class Campaign extends models.Model {
    _name = "marketing.campaign";

    name = fields.Char({ required: true });
    problem_list = fields.Json();
    marketing_activity_ids = fields.One2many({
        relation: "marketing.activity",
        relation_field: "campaign_id",
    });

    _records = [{ id: 1, name: "Welcome", marketing_activity_ids: [1, 2, 3] }];
}

export class Activity extends models.Model {
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

export class Branch extends models.Model {
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

export class Mailing extends models.Model {
    _name = "mailing.mailing";
    _rec_name = "subject";

    subject = fields.Char();
    preview = fields.Char();
    body_html = fields.Html();

    _records = [{ id: 1, subject: "Welcome aboard", body_html: "<p>Hello</p>" }];
    _views = { form: `<form><field name="subject"/></form>` };
}

/** What each file of tests of this form begins with. */
export function defineCampaigns() {
    defineMailModels();
    defineModels([Branch, Campaign, Activity, Mailing]);
}

export function mockServer({
    participants = 0,
    activities = {},
    removal = {},
    isQuiet = false,
} = {}) {
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

export function mountCampaign(resId, { jsClass = "form" } = {}) {
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
export function catchActions() {
    const caught = {};
    patchWithCleanup(WorkflowView.prototype, {
        setup() {
            super.setup();
            Object.assign(caught, { view: this, current: this.props.actions });
        },
    });
    return caught;
}

export const PANEL = ".o_mwf_side";

export const content = (name) => `${card(name)} .o_mwf_content`;

/** Add a step where there is a "+"; it gets a name in its form. */
export async function addStep(button, name, choice) {
    await contains(button).click();
    if (choice) {
        await contains(`.o_mwf_choice:contains(${choice})`).click();
    }
    await contains(".o_mwf_step_menu [data-type='email']").click();
    await waitFor(`${PANEL} input:focus`);
    await contains(`${PANEL} [name='name'] input`).edit(name);
}

export async function deleteStep(name) {
    await contains(`${card(name)} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Delete)").click();
}

/** What the server says of copies of steps 2 and 3. */
export function mockCopies(leftOut = []) {
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

export async function fireClipboard(type, data) {
    document.dispatchEvent(new ClipboardEvent(type, { clipboardData: data }));
    await animationFrame();
    await animationFrame();
}

/** A split with a step on its first way, in a form that shows its branches. */
export function mockBranches() {
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

export const ROWS = `${PANEL} .o_data_row:not(.d-none)`;
export const getRows = () => queryAllTexts(ROWS).map((text) => text.replaceAll(/\s+/g, " "));

/** Press a button of the canvas as often as there are rows to be seen then. */
export async function pressAndSee(button, ...seen) {
    for (const rows of seen) {
        await contains(`.o_mwf_${button}`).click();
        await animationFrame();
        expect(getRows()).toEqual(rows);
    }
}

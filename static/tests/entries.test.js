import { expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import {
    clickSave,
    contains,
    defineModels,
    fields,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { placeEntries } from "@marketing_automation/entries/entry_drawing";
import { WorkflowView } from "@marketing_automation/workflow/workflow_view";
import { makeStep, RULES } from "./workflow_test_helpers";

const PANEL = ".o_mwf_side";
const TYPES = [
    { key: "filter", label: "Filter", icon: "fa-filter", description: "All.", is_single: true },
    { key: "date", label: "Date", icon: "fa-calendar", description: "By date.", is_single: false },
    { key: "manual", label: "By hand", icon: "fa-bolt", description: "People.", is_single: true },
];

class Campaign extends models.Model {
    _name = "marketing.campaign";

    name = fields.Char();
    marketing_activity_ids = fields.One2many({ relation: "marketing.activity" });
    entry_ids = fields.One2many({ relation: "marketing.campaign.entry" });

    _records = [
        { id: 1, name: "Welcome", marketing_activity_ids: [], entry_ids: [1, 2] },
        { id: 2, name: "Nobody", marketing_activity_ids: [], entry_ids: [] },
    ];
}

class Activity extends models.Model {
    _name = "marketing.activity";

    name = fields.Char();
}

class Entry extends models.Model {
    _name = "marketing.campaign.entry";

    name = fields.Char();
    description = fields.Char();
    entry_type = fields.Selection({ selection: TYPES.map(({ key, label }) => [key, label]) });
    active = fields.Boolean({ default: true });
    participant_count = fields.Integer();

    _records = [
        {
            id: 1,
            description: "Everybody",
            entry_type: "filter",
            active: true,
            participant_count: 1234,
        },
        { id: 2, name: "Birthday", description: "On a date", entry_type: "date", active: false },
    ];
    _views = {
        form: `<form><field name="entry_type" widget="marketing_entry_type"/><field name="name"/></form>`,
    };
}

defineMailModels();
defineModels([Activity, Campaign, Entry]);

function mountCampaign(resId) {
    onRpc("marketing.activity", "get_workflow_rules", () => ({ ...RULES, entries: TYPES }));
    onRpc("marketing.campaign", "get_workflow_metrics", () => ({
        participants: 0,
        activities: {},
    }));
    return mountView({
        type: "form",
        resModel: "marketing.campaign",
        resId,
        arch: `<form>
            <field name="name"/>
            <field name="entry_ids" class="d-none" widget="marketing_entries">
                <list>
                    <field name="name"/><field name="description"/><field name="entry_type"/>
                    <field name="active"/><field name="participant_count"/>
                </list>
            </field>
            <field name="marketing_activity_ids" widget="marketing_workflow">
                <list><field name="name"/></list>
            </field>
        </form>`,
    });
}

test.tags("desktop");
test("entries stand above the start, in words, with who came in", async () => {
    await mountCampaign(1);
    expect(queryAllTexts(".o_mwf_entry_text")).toEqual(["Everybody", "Birthday"]);
    expect(".o_mwf_entry:eq(0) .o_mwf_entry_count").toHaveText("1,234");
    expect(".o_mwf_entry:eq(1)").toHaveClass("o_mwf_entry_closed");
    expect(".o_mwf_entry:eq(1)").toHaveText(/Closed/);
    expect(".o_mwf_line").toHaveCount(2);
    expect(".o_mwf_line_closed").toHaveCount(1);
});

test.tags("desktop");
test("the menu offers what is not there, and opens one of that type", async () => {
    onRpc("web_save", ({ args }) => {
        const [[command, , values]] = args[1].entry_ids;
        expect.step(`${command} ${values.entry_type} ${values.name}`);
    });
    await mountCampaign(1);
    await contains(".o_mwf_add_entry").click();
    expect(queryAllTexts(".o_mwf_entry_types .dropdown-item span.d-block:first-child")).toEqual([
        "Date",
        "By hand",
    ]);
    await contains(".dropdown-item[data-type='manual']").click();
    expect(PANEL).toHaveText(/By hand\s+People\./);
    await contains(`${PANEL} [name='name'] input`).edit("Trade fair");
    expect(queryAllTexts(".o_mwf_entry_text")).toEqual(["Everybody", "Birthday", "Trade fair"]);
    await clickSave();
    expect.verifySteps(["0 manual Trade fair"]);
});

test.tags("desktop");
test("an entry is edited, closed and opened again with the form", async () => {
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await mountCampaign(1);
    await contains(".o_mwf_entry:eq(0)").click();
    await contains(`${PANEL} [name='name'] input`).edit("All shops");
    await contains(".o_mwf_entry:eq(0) .o_mwf_menu").click();
    expect(".dropdown-item:contains(Delete)").toHaveCount(0);
    await contains(".dropdown-item:contains(Close)").click();
    await contains(".o_mwf_entry:eq(1) .o_mwf_menu").click();
    await contains(".dropdown-item:contains(Open again)").click();
    await clickSave();
    expect.verifySteps([
        {
            entry_ids: [
                [1, 1, { name: "All shops", active: false }],
                [1, 2, { active: true }],
            ],
        },
    ]);
});

test.tags("desktop");
test("what nobody came in by is deleted, after a question", async () => {
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await mountCampaign(1);
    await contains(".o_mwf_entry:eq(1) .o_mwf_menu").click();
    await contains(".dropdown-item:contains(Delete)").click();
    await contains(".modal .btn-danger").click();
    expect(queryAllTexts(".o_mwf_entry_text")).toEqual(["Everybody"]);
    await clickSave();
    expect.verifySteps([{ entry_ids: [[2, 2]] }]);
});

test.tags("desktop");
test("a campaign without an entry teaches what is missing", async () => {
    await mountCampaign(2);
    expect(".o_mwf_nobody").toHaveText(/Nobody comes in/);
    await contains(".o_mwf_add_filter").click();
    expect(PANEL).toHaveText(/Filter\s+All\./);
    expect(".o_mwf_nobody").toHaveCount(0);
    expect(".o_mwf_entry").toHaveCount(1);
});

test.tags("desktop");
test("the number leads to those who came in", async () => {
    onRpc("marketing.campaign.entry", "action_view_participants", ({ args }) => {
        expect.step(args[0]);
        return { type: "ir.actions.act_window_close" };
    });
    await mountCampaign(1);
    await contains(".o_mwf_entry_count").click();
    expect(PANEL).toHaveCount(0);
    expect.verifySteps([[1]]);
});

const ENTRIES = [
    { key: "entry_1", resId: 1, name: "A", text: "", type: "filter", count: 1, isOpen: true },
    { key: "entry_2", resId: 2, name: "B", text: "", type: "date", count: 0, isOpen: true },
];

function mountWorkflow(props) {
    const names = ["open", "add", "openEntry", "addEntry", "removeEntry", "toggleEntry"];
    return mountWithCleanup(WorkflowView, {
        props: {
            steps: [makeStep(1, { name: "Welcome" })],
            rules: { ...RULES, entries: TYPES },
            entries: ENTRIES,
            actions: Object.fromEntries(
                names.map((name) => [name, (arg) => expect.step(`${name} ${arg?.name ?? arg}`)])
            ),
            ...props,
        },
    });
}

test.tags("desktop");
test("the keyboard leads from the start to the entries, and works on them", async () => {
    await mountWorkflow();
    const focused = () => document.activeElement.dataset.key;
    queryFirst(".o_mwf_start").focus();
    for (const [key, place] of [
        ["ArrowUp", "entry_1"],
        ["ArrowRight", "entry_2"],
        ["ArrowRight", "entry_2"],
        ["ArrowLeft", "entry_1"],
        ["ArrowUp", "entry_1"],
        ["ArrowDown", "start"],
        ["ArrowUp", "entry_1"],
    ]) {
        await press(key);
        expect(focused()).toBe(place);
    }
    await press("Enter");
    await press("Delete");
    await press("ArrowRight");
    await press("Delete");
    expect.verifySteps(["openEntry A", "removeEntry B"]);
    await press("+");
    await contains(".dropdown-item[data-type='date']").click();
    expect.verifySteps(["addEntry date"]);
});

test.tags("desktop");
test("nothing can be changed when it is readonly", async () => {
    await mountWorkflow({ readonly: true });
    expect(".o_mwf_add_entry, .o_mwf_entry .o_mwf_menu").toHaveCount(0);
    await contains(".o_mwf_entry:eq(0)").click();
    expect.verifySteps(["openEntry A"]);
});

test.tags("desktop");
test("what is wrong with an entry stands at it", async () => {
    await mountWorkflow({ entryProblems: { 2: ["Choose a date."] } });
    expect(".o_mwf_entry .fa-exclamation-triangle").toHaveCount(1);
    expect(".o_mwf_entry:eq(1) .fa-exclamation-triangle").toHaveAttribute(
        "data-tooltip",
        "Choose a date."
    );
});

test.tags("mobile");
test("on a phone they stand before the start", async () => {
    await mountWorkflow();
    expect(queryFirst(".o_mwf_entry").style.position).toBe("");
    expect(".o_mwf_entry ~ .o_mwf_start").toHaveCount(1);
    expect(".o_mwf_add_entry").toBeVisible();
});

test.tags("mobile");
test("on a phone what is open takes the whole screen", async () => {
    await mountCampaign(1);
    await contains(".o_mwf_entry:eq(0)").click();
    expect(queryFirst(PANEL).getBoundingClientRect().width).toBe(window.innerWidth);
    await contains(".o_mwf_side_next").click();
    expect(".o_mwf_side_title").toHaveText("Birthday");
    await contains(".o_mwf_side_close").click();
    expect(PANEL).toHaveCount(0);
});

test.tags("headless");
test("a single entry stands straight above the start; none of many is cut off", () => {
    const place = (count, isMirrored) => {
        const start = { x: 0, y: 0, width: 236, height: 44 };
        const layout = { boxes: new Map([["start", start]]), width: 236, height: 44 };
        const entries = Array.from({ length: count }, (_, id) => ({ key: `entry_${id}` }));
        return { start, ...placeEntries(layout, entries, { canAdd: true, isMirrored }) };
    };
    for (const isMirrored of [false, true]) {
        for (const count of [0, 1, 2, 5]) {
            const { start, cards, addBox, nobodyBox, width, height } = place(count, isMirrored);
            const boxes = [...cards.map(({ box }) => box), addBox, nobodyBox].filter(Boolean);
            expect(boxes).toHaveLength(count ? count + 1 : 1);
            for (const box of [...boxes, start]) {
                expect(box.x >= 0 && box.x + box.width <= width).toBe(true);
                expect(box.y + box.height <= height).toBe(true);
            }
            const first = cards[0]?.box || nobodyBox;
            const last = cards.at(-1)?.box || nobodyBox;
            const center = (first.x + last.x + first.width) / 2;
            expect(center).toBe(start.x + start.width / 2);
        }
    }
});

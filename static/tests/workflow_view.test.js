import { Component, onRendered, useState, xml } from "@odoo/owl";
import { advanceTime, expect, getFixture, test } from "@odoo/hoot";
import {
    animationFrame,
    press,
    queryAll,
    queryAllAttributes,
    queryAllTexts,
    queryFirst,
    waitFor,
} from "@odoo/hoot-dom";
import { contains, mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { WorkflowCard } from "@marketing_automation/workflow/workflow_card";
import { WorkflowView } from "@marketing_automation/workflow/workflow_view";
import { makeBranch, makeFigures, makeSplit, makeStep, RULES } from "./workflow_test_helpers";

defineMailModels();

const STEPS = [
    makeStep(1, { name: "Welcome" }),
    makeStep(2, {
        name: "Reminder",
        parentKey: "1",
        trigger: "mail_not_open",
        delay: 2,
        delayUnit: "days",
    }),
    makeStep(3, { name: "Tag", parentKey: "1", trigger: "mail_open", type: "action", sort: 1 }),
    makeStep(4, { name: "Text", parentKey: "3", trigger: "activity", type: "sms" }),
];
const ACTIONS = [
    "open",
    "add",
    "remove",
    "duplicate",
    "move",
    "openFigure",
    "openMatching",
    "run",
    "simulate",
    "takeWay",
];

async function mountWorkflow(props = {}) {
    const actions = Object.fromEntries(
        ACTIONS.map((name) => [
            name,
            (...args) => {
                const words = args
                    .flat()
                    .map((arg) =>
                        arg && typeof arg === "object" ? (arg.name ?? arg.id ?? arg.type) : arg
                    )
                    .filter((word) => word !== undefined);
                expect.step([name, ...words].join(" "));
            },
        ])
    );
    return mountWithCleanup(WorkflowView, {
        props: { steps: STEPS, rules: RULES, actions, ...props },
    });
}

/** Choose a type in the menu of a "+". */
const addStep = (type) => contains(`.o_mwf_step_menu [data-type='${type}']`).click();

const card = (name) => `.o_mwf_card:has(.o_mwf_name:contains("${name}"))`;
const getFocused = () =>
    document.activeElement.querySelector(".o_mwf_name")?.textContent ||
    document.activeElement.dataset.key;

test.tags("desktop");
test("cards, branches and lines", async () => {
    await mountWorkflow();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Welcome", "Reminder", "Tag", "Text"]);
    expect(queryAllTexts(".o_mwf_branch")).toEqual([
        "Start, at once",
        "Not opened within 2 days",
        "Opened, at once",
        "Then, at once",
    ]);
    expect(".o_mwf_line").toHaveCount(4);
    expect(`${card("Tag")} .fa-cogs`).toHaveCount(1);
});

test.tags("desktop");
test("signs of filter, expiry, change and problems", async () => {
    await mountWorkflow({
        steps: [
            makeStep(1, { hasFilter: true, expiry: "2 days", isChanged: true }),
            makeStep(2, { parentKey: "1", trigger: "activity" }),
        ],
        problems: { 2: ["Choose a mailing."] },
    });
    expect(`${card("Step 1")} .o_mwf_signs .fa`).toHaveCount(3);
    expect(`${card("Step 2")} .o_mwf_signs .fa-exclamation-triangle`).toHaveCount(1);
    expect(card("Step 1")).toHaveAttribute(
        "aria-label",
        "Step 1, Email, Start, at once, has a filter, expires after 2 days"
    );
});

test.tags("desktop");
test("an empty workflow teaches how to begin", async () => {
    await mountWorkflow({ steps: [] });
    await contains(".o_mwf_first").click();
    await addStep("sms");
    expect.verifySteps(["add  begin  sms"]);
});

test.tags("desktop");
test("the + offers what can follow, in words", async () => {
    await mountWorkflow();
    await contains(".o_mwf_add[data-key='1']").click();
    expect(queryAllTexts(".o_mwf_choice")).toEqual(["Then", "Opened", "Not opened", "Bounced"]);
    expect(queryAllTexts(".o_mwf_step_menu .dropdown-header")).toEqual([
        "Messages",
        "Actions",
        "Steering",
    ]);
    await contains(".o_mwf_choice:contains(Bounced)").click();
    await addStep("email");
    expect.verifySteps(["add Welcome mail_bounce  email"]);
    // One click and one choice, where it just comes after.
    await contains(".o_mwf_add[data-key='1']").click();
    await addStep("wait");
    // Where there is only one way, there is nothing to choose but that.
    await contains(".o_mwf_add[data-key='3']").click();
    expect(".o_mwf_choice").toHaveCount(0);
    await addStep("action");
    await contains(".o_mwf_add[data-key='start']").click();
    await addStep("email");
    expect.verifySteps([
        "add Welcome activity  wait",
        "add Tag activity  action",
        "add  begin  email",
    ]);
});

test.tags("desktop");
test("open, duplicate and delete", async () => {
    await mountWorkflow();
    await contains(card("Tag")).click();
    await contains(`${card("Reminder")} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Duplicate)").click();
    await contains(`${card("Reminder")} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Delete)").click();
    expect.verifySteps(["open Tag", "duplicate Reminder", "remove Reminder"]);
});

test.tags("desktop");
test("nothing can be changed when it is readonly", async () => {
    await mountWorkflow({ readonly: true });
    expect(".o_mwf_add").toHaveCount(0);
    expect(".o_mwf_menu").toHaveCount(0);
    queryFirst(card("Tag")).focus();
    await press("Delete");
    expect.verifySteps([]);
});

test.tags("desktop");
test("the menu moves a card to where it can go", async () => {
    await mountWorkflow();
    await contains(`${card("Text")} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .o_mwf_move").hover();
    await animationFrame();
    // Not below itself or where it is already.
    expect(queryAllTexts(".o-dropdown--menu-submenu .dropdown-item")).toEqual([
        "Joins the campaign",
        "Welcome",
        "Reminder",
    ]);
    await contains(".o-dropdown--menu-submenu .dropdown-item:contains(Reminder)").click();
    expect.verifySteps(["move Text Reminder activity"]);
});

test.tags("desktop");
test("drag a card onto another", async () => {
    await mountWorkflow();
    const { drop, moveTo } = await contains(card("Reminder")).drag();
    // Where it is already; elsewhere it does not wait for what cannot happen there.
    await moveTo(card("Welcome"));
    expect(".o_mwf_drop[data-key='1']").toHaveClass("o_mwf_drop_refused");
    expect(".o_mwf_drop[data-key='3']").toHaveClass("o_mwf_drop_allowed");
    expect(".o_mwf_drop[data-key='start']").toHaveClass("o_mwf_drop_allowed");
    await drop();
    expect.verifySteps([]);
    await contains(card("Text")).dragAndDrop(card("Reminder"));
    expect.verifySteps(["move Text Reminder activity"]);
    // Not below itself.
    await contains(card("Welcome")).dragAndDrop(card("Text"));
    expect.verifySteps([]);
});

test.tags("desktop");
test("the keyboard walks through the tree and works on it", async () => {
    await mountWorkflow();
    expect("[role='treeitem'][tabindex='0']").toHaveCount(1);
    queryFirst(".o_mwf_start").focus();
    for (const [key, name] of [
        ["ArrowDown", "Welcome"],
        ["ArrowDown", "Reminder"],
        ["ArrowRight", "Tag"],
        ["ArrowDown", "Text"],
        ["ArrowUp", "Tag"],
    ]) {
        await press(key);
        expect(getFocused()).toBe(name);
    }
    await waitFor(`${card("Tag")}[tabindex='0']`);
    expect("[role='treeitem'][tabindex='0']").toHaveCount(1);
    await press("Enter");
    await press("Delete");
    await press("+");
    await animationFrame();
    await press("Enter");
    await animationFrame();
    await press("Home");
    expect(getFocused()).toBe("start");
    expect.verifySteps(["open Tag", "remove Tag", "add Tag activity  email"]);
});

test.tags("desktop");
test("keys work on what was clicked", async () => {
    await mountWorkflow();
    queryFirst(".o_mwf_start").focus();
    // As browsers do where a press, which may begin to drag, is kept from taking the focus.
    const click = (name, init) =>
        queryFirst(card(name)).dispatchEvent(new MouseEvent("click", { bubbles: true, ...init }));
    click("Reminder", { ctrlKey: true });
    expect(card("Reminder")).toBeFocused();
    click("Tag", { ctrlKey: true });
    expect(card("Tag")).toBeFocused();
    await press("Delete");
    expect.verifySteps(["remove Reminder Tag"]);
});

test.tags("desktop");
test("the Tab key leads into one card only", async () => {
    await mountWorkflow();
    queryFirst(card("Tag")).focus();
    await waitFor(`${card("Tag")} .o_mwf_menu[tabindex='0']`);
    expect(".o_mwf_menu[tabindex='0']").toHaveCount(1);
    await press("Tab");
    expect(`${card("Tag")} .o_mwf_menu`).toBeFocused();
    await press("Enter");
    await contains(".o-dropdown--menu .dropdown-item:contains(Duplicate)").click();
    expect.verifySteps(["duplicate Tag"]);
});

test.tags("desktop");
test("the drawing is a tree for screen readers", async () => {
    await mountWorkflow();
    const items = queryFirst("[role='tree']").getAttribute("aria-owns").split(" ");
    expect(items).toHaveLength(5);
    expect(items.toSorted()).toEqual(queryAllAttributes("[role='treeitem']", "id").toSorted());
    expect(queryAllAttributes(".o_mwf_card", "aria-level")).toEqual(["2", "3", "3", "4"]);
    expect(card("Tag")).toHaveAttribute("aria-setsize", "2");
    expect(card("Tag")).toHaveAttribute("aria-posinset", "2");
});

test.tags("desktop");
test("right to left", async () => {
    await mountWorkflow();
    const isLeft = () =>
        queryFirst(card("Reminder")).getBoundingClientRect().x <
        queryFirst(card("Tag")).getBoundingClientRect().x;
    expect(isLeft()).toBe(true);
    patchWithCleanup(localization, { direction: "rtl" });
    queryFirst(".o_marketing_workflow").remove();
    await mountWorkflow();
    expect(isLeft()).toBe(false);
});

test.tags("desktop");
test("right to left: the zoom stays where it is, though style sheets are mirrored", async () => {
    patchWithCleanup(localization, { direction: "rtl" });
    await mountWorkflow();
    // What becomes of an origin at the left.
    const sheet = document.createElement("style");
    sheet.textContent = ".o_marketing_workflow .o_mwf_stage { transform-origin: 100% 0; }";
    getFixture().append(sheet);
    const getMiddle = (selector) => {
        const { left, width } = queryFirst(selector).getBoundingClientRect();
        return left + width / 2;
    };
    const isMiddle = () => Math.abs(getMiddle(".o_mwf_start") - getMiddle(".o_mwf_viewport")) < 1.5;
    expect(isMiddle()).toBe(true);
    for (let count = 0; count < 3; count++) {
        await contains(".o_mwf_toolbar button[aria-label='Zoom out']").click();
    }
    await advanceTime(200);
    expect(isMiddle()).toBe(true);
});

test.tags("desktop");
test("figures are links", async () => {
    const figures = makeFigures({
        processed: 8,
        rejected: 2,
        excluded: 3,
        sent: 8,
        open: 4,
        click: 2,
        bounce: 1,
        reasons: {
            rejected: [{ key: "filter", label: "No match", count: 2 }],
            excluded: [
                { key: "mail_bl", label: "Blacklisted", count: 2 },
                { key: "expired", label: "Expired", count: 1 },
            ],
        },
    });
    await mountWorkflow({ figures: { 1: figures }, participants: 13 });
    expect(queryAllTexts(`${card("Welcome")} .o_mwf_rate`)).toEqual([
        "8\nSent",
        "50%\nOpened",
        "25%\nClicked",
        "0%\nReplied",
        "13%\nBounced",
    ]);
    // What says of how many.
    expect(`${card("Welcome")} [data-figure='open']`).toHaveAttribute(
        "data-tooltip",
        "4 of 8. Help of open"
    );
    // Outcomes add up; those that nobody has are left out, but for the two that charts show.
    expect(`${card("Welcome")} .o_mwf_reached`).toHaveText("13 reached");
    const getOutcomes = (name) =>
        queryAllAttributes(`${card(name)} .o_mwf_outcomes button`, "data-figure");
    expect(getOutcomes("Welcome")).toEqual(["processed", "excluded", "rejected"]);
    expect(getOutcomes("Tag")).toEqual(["processed", "rejected"]);
    // A text message cannot be opened or replied to; an action is no message.
    expect(`${card("Text")} .o_mwf_rate`).toHaveCount(3);
    expect(`${card("Tag")} .o_mwf_rate`).toHaveCount(0);
    await contains(`${card("Welcome")} [data-figure='open']`).click();
    await contains(`${card("Welcome")} [data-figure='rejected']`).click();
    await contains(`${card("Welcome")} .o_mwf_reached`).click();
    expect.verifySteps([
        "openFigure Welcome open",
        "openFigure Welcome rejected",
        "openFigure Welcome reached",
    ]);
    // Where there are several reasons one picks.
    await contains(`${card("Welcome")} [data-figure='excluded']`).click();
    expect(queryAllTexts(".o-dropdown--menu .dropdown-item")).toEqual([
        "Blacklisted\n2",
        "Expired\n1",
        "All\n3",
    ]);
    await contains(".o-dropdown--menu .dropdown-item:contains(Blacklisted)").click();
    expect.verifySteps(["openFigure Welcome excluded mail_bl"]);
    await contains(".o_mwf_toolbar button:contains(Figures)").click();
    expect(".o_mwf_figures").toHaveCount(0);
});

test.tags("desktop");
test("what is queued is a part of what is done", async () => {
    const figures = makeFigures({ processed: 3000, queued: 2145, sent: 855 });
    await mountWorkflow({ figures: { 1: figures }, participants: 3000 });
    expect(queryAllTexts(`${card("Welcome")} .o_mwf_outcomes > button`)).toEqual([
        "3,000\nDone",
        "2,145 queued",
        "0\nFiltered out",
    ]);
    await contains(`${card("Welcome")} [data-figure='queued']`).click();
    expect.verifySteps(["openFigure Welcome queued"]);
});

test("a journey: the way taken, and what can be done in a test", async () => {
    const trace = (id, values) => ({
        id,
        label: "",
        execution_date: false,
        schedule_date: false,
        reason: "",
        events: {},
        outcome: values.state,
        ...values,
    });
    await mountWorkflow({
        readonly: true,
        canSimulate: true,
        traces: {
            1: trace(11, {
                state: "processed",
                outcome: "processed",
                label: "Done",
                execution_date: "2026-01-01 10:00:00",
            }),
            2: trace(12, { state: "scheduled", schedule_date: "2026-01-03 10:00:00" }),
            3: trace(13, {
                state: "canceled",
                outcome: "excluded",
                label: "Excluded",
                execution_date: "2026-01-01 10:00:00",
                reason: "It expired",
            }),
        },
    });
    expect(card("Welcome")).toHaveClass("o_mwf_tone_done");
    expect(card("Reminder")).toHaveClass("o_mwf_tone_planned");
    expect(card("Tag")).toHaveClass("o_mwf_tone_excluded");
    expect(card("Text")).toHaveClass("o_mwf_tone_ahead");
    expect(`${card("Tag")} .o_mwf_reason`).toHaveText("It expired");
    expect(`${card("Text")} .o_mwf_status`).toHaveText("Not reached");
    await contains(`${card("Reminder")} [data-action='run']`).click();
    await contains(`${card("Welcome")} [data-action='mail_bounce']`).click();
    expect.verifySteps(["run 12", "simulate 11 mail_bounce"]);
});

test("a message that is held says until when, and why in two lines", async () => {
    const hold = "The campaign has sent as many messages as it may within an hour";
    const trace = {
        id: 1,
        state: "scheduled",
        outcome: "scheduled",
        schedule_date: "2025-03-03 10:00:00",
        reason: "",
        events: {},
        hold,
    };
    await mountWorkflow({ readonly: true, traces: { 1: trace } });
    expect(`${card("Welcome")} .o_mwf_status`).toHaveText(/Waits until /);
    expect(`${card("Welcome")} .o_mwf_reason`).toHaveText(hold);
    expect(`${card("Welcome")} .o_mwf_reason`).not.toHaveClass("o_mwf_line_of_text");
});

test("who took another branch is not as who could not be reached", async () => {
    const trace = (outcome) => ({
        id: 1,
        state: "canceled",
        outcome,
        label: outcome,
        execution_date: "2026-01-01 10:00:00",
        reason: "",
        events: {},
    });
    await mountWorkflow({
        readonly: true,
        traces: { 1: trace("elsewhere"), 2: trace("excluded"), 3: trace("error") },
    });
    const getColor = (name) => getComputedStyle(queryFirst(`${card(name)} .o_mwf_dot`)).color;
    expect(card("Welcome")).toHaveClass("o_mwf_tone_other");
    expect(card("Reminder")).toHaveClass("o_mwf_tone_excluded");
    expect(card("Tag")).toHaveClass("o_mwf_tone_failed");
    const colors = ["Welcome", "Reminder", "Tag"].map(getColor);
    expect(new Set(colors)).toHaveLength(3);
});

test.tags("desktop");
test("zoom and full screen", async () => {
    await mountWorkflow();
    const getWidth = () => queryFirst(card("Welcome")).getBoundingClientRect().width;
    const width = getWidth();
    await contains(".o_mwf_toolbar button[aria-label='Zoom out']").click();
    expect(getWidth()).toBeLessThan(width);
    await contains(".o_mwf_toolbar button[aria-label='Full screen']").click();
    expect(".o_marketing_workflow").toHaveClass("o_mwf_expanded");
    await press("Escape");
    await animationFrame();
    expect(".o_marketing_workflow").not.toHaveClass("o_mwf_expanded");
});

/** A workflow with room of its own, in which what stands beside it opens and closes. */
class Page extends Component {
    static components = { WorkflowView };
    static props = ["*"];
    static template = xml`
        <div t-att-style="'display: flex; height: 600px; width: ' + props.width + 'px;'">
            <WorkflowView t-props="props.view" selectedKey="state.selectedKey">
                <t t-set-slot="panel">
                    <div t-if="state.selectedKey" class="o_mwf_side flex-shrink-0" style="width: 400px;"/>
                </t>
            </WorkflowView>
        </div>`;

    setup() {
        this.state = useState({ selectedKey: null });
    }
}

async function mountPage({ width, direction = "ltr", steps = STEPS }) {
    patchWithCleanup(localization, { direction });
    const view = { steps, rules: RULES, actions: { open() {} } };
    const page = await mountWithCleanup(Page, { props: { width, view } });
    queryFirst(".o_marketing_workflow").parentElement.style.direction = direction;
    queryFirst(".o_marketing_workflow").style.flex = "1 1 auto";
    const settle = async () => {
        for (let count = 0; count < 4; count++) {
            await animationFrame();
        }
    };
    await settle();
    return {
        async select(selectedKey) {
            page.state.selectedKey = selectedKey;
            await settle();
        },
    };
}

const PALETTE = ".o_mwf_palette";
const isFolded = () => queryFirst(PALETTE).classList.contains("o_mwf_palette_folded");

test.tags("desktop");
test("where the panel leaves little room, the palette is narrow and there is no map", async () => {
    const { select } = await mountPage({ width: 1280, steps: makeChain(40) });
    expect(isFolded()).toBe(false);
    expect(".o_mwf_minimap").toHaveCount(1);
    await select("1");
    expect(isFolded()).toBe(true);
    expect(".o_mwf_minimap").toHaveCount(0);
    // Who wants the names can have them meanwhile.
    await contains(".o_mwf_palette_fold").click();
    expect(isFolded()).toBe(false);
    await select(null);
    expect(isFolded()).toBe(false);
    expect(".o_mwf_minimap").toHaveCount(1);
    await select("1");
    expect(isFolded()).toBe(true);
    await select(null);
    // What one has chosen holds where there is room.
    await contains(".o_mwf_palette_fold").click();
    await select("1");
    await select(null);
    expect(isFolded()).toBe(true);
});

test.tags("desktop");
test("where there is enough room, the panel changes neither", async () => {
    const { select } = await mountPage({ width: 1500, steps: makeChain(40) });
    await select("1");
    expect(isFolded()).toBe(false);
    expect(".o_mwf_minimap").toHaveCount(1);
});

for (const direction of ["ltr", "rtl"]) {
    test.tags("desktop");
    test(`what one has clicked stays under the pointer when the panel opens: ${direction}`, async () => {
        const { select } = await mountPage({ width: 1280, direction });
        const getLeft = () => queryFirst(card("Welcome")).getBoundingClientRect().left;
        const before = getLeft();
        await select("1");
        expect(PALETTE).toHaveClass("o_mwf_palette_folded");
        expect(Math.abs(getLeft() - before)).toBeLessThan(1.5);
        await select(null);
        expect(Math.abs(getLeft() - before)).toBeLessThan(1.5);
    });
}

/** A step that follows another, and another... */
const makeChain = (length) =>
    Array.from({ length }, (_, index) =>
        makeStep(index + 1, { parentKey: index ? `${index}` : false, trigger: "activity" })
    );

test.tags("desktop");
test("full screen shows the whole drawing", async () => {
    await mountWorkflow({ steps: makeChain(12) });
    await contains(".o_mwf_toolbar button[aria-label='Full screen']").click();
    await animationFrame();
    const { top, bottom } = queryFirst(".o_mwf_viewport").getBoundingClientRect();
    expect(queryFirst(card("Step 1")).getBoundingClientRect().top).toBeGreaterThan(top);
    expect(queryFirst(card("Step 12")).getBoundingClientRect().bottom).toBeLessThan(bottom);
});

test.tags("desktop");
test("Ctrl and the wheel zoom about the pointer, little by little", async () => {
    await mountWorkflow();
    const target = queryFirst(card("Tag"));
    const getCorner = () => target.getBoundingClientRect();
    const before = getCorner();
    const wheel = (deltaY) =>
        target.dispatchEvent(
            new WheelEvent("wheel", {
                bubbles: true,
                cancelable: true,
                ctrlKey: true,
                deltaY,
                clientX: before.left,
                clientY: before.top,
            })
        );
    wheel(-20);
    wheel(-30);
    await animationFrame();
    const after = getCorner();
    expect(Math.abs(after.width / before.width - 2 ** (0.002 * 50))).toBeLessThan(0.001);
    expect(Math.abs(after.left - before.left)).toBeLessThan(1.5);
    expect(Math.abs(after.top - before.top)).toBeLessThan(1.5);
});

test.tags("desktop");
test("tools stay in place while one scrolls; a map says where one is", async () => {
    await mountWorkflow();
    expect(".o_mwf_minimap").toHaveCount(0);
    await mountWorkflow({ steps: makeChain(40) });
    await animationFrame();
    const tools = queryFirst(".o_marketing_workflow:last .o_mwf_sight");
    const { top } = tools.getBoundingClientRect();
    const viewport = queryFirst(".o_marketing_workflow:last .o_mwf_viewport");
    const frame = () => queryFirst(".o_mwf_minimap_frame").getBoundingClientRect();
    const before = frame();
    viewport.scrollTop += 600;
    await animationFrame();
    await animationFrame();
    expect(tools.getBoundingClientRect().top).toBe(top);
    expect(frame().top).toBeGreaterThan(before.top);
    for (const rect of queryAll(".o_mwf_minimap rect:not(.o_mwf_minimap_frame)")) {
        expect(Number(rect.getAttribute("width"))).toBeGreaterThan(3.99);
        expect(Number(rect.getAttribute("height"))).toBeGreaterThan(1.99);
    }
});

test.tags("desktop");
test("find steps by name and content, and jump from hit to hit", async () => {
    await mountWorkflow({
        steps: [
            makeStep(1, { name: "Welcome" }),
            makeStep(2, { name: "Offer", content: "Welcome gift", parentKey: "1" }),
            makeStep(3, { name: "Goodbye", parentKey: "2" }),
        ],
    });
    queryFirst(card("Goodbye")).focus();
    await press(["ctrl", "f"]);
    await animationFrame();
    expect(".o_mwf_search_input").toBeFocused();
    await contains(".o_mwf_search_input").edit("WELC", { confirm: false });
    expect(".o_mwf_search_count").toHaveText("1 of 2");
    expect(card("Goodbye")).not.toHaveClass("o_mwf_flash");
    expect(queryFirst(".o_mwf_card[data-key='1']")).toHaveClass("o_mwf_flash");
    await press("Enter");
    await animationFrame();
    expect(".o_mwf_search_count").toHaveText("2 of 2");
    expect(".o_mwf_card[data-key='2']").toHaveClass("o_mwf_flash");
    await press("Escape");
    await animationFrame();
    expect(".o_mwf_search").toHaveCount(0);
    expect(".o_mwf_card[data-key='2']").toBeFocused();
});

test.tags("desktop");
test("zooming and dragging draw no card anew; the keyboard the two that it leaves and enters", async () => {
    const drawn = new Set();
    patchWithCleanup(WorkflowCard.prototype, {
        setup() {
            super.setup();
            onRendered(() => drawn.add(this.props.step.name));
        },
    });
    await mountWorkflow();
    queryFirst(card("Reminder")).focus();
    await animationFrame();
    drawn.clear();
    await contains(".o_mwf_toolbar button[aria-label='Zoom out']").click();
    const { drop, moveTo } = await contains(card("Reminder")).drag();
    await moveTo(card("Welcome"));
    await drop();
    expect([...drawn]).toEqual([]);
    queryFirst(card("Tag")).focus();
    await animationFrame();
    drawn.clear();
    await press("ArrowDown");
    await animationFrame();
    expect([...drawn].sort()).toEqual(["Tag", "Text"]);
});

test.tags("mobile");
test("on a phone it is an indented list", async () => {
    await mountWorkflow();
    expect(".o_mwf_line").toHaveCount(0);
    const boxes = queryAll(".o_mwf_card").map((el) => el.getBoundingClientRect());
    expect(boxes.map(({ y }) => y)).toEqual(boxes.map(({ y }) => y).toSorted((a, b) => a - b));
    expect(boxes[1].x).toBeGreaterThan(boxes[0].x);
    expect(boxes[2].x).toBe(boxes[1].x);
    await contains(card("Tag")).click();
    await contains(".o_mwf_add[data-key='3']").click();
    await addStep("email");
    expect.verifySteps(["open Tag", "add Tag activity  email"]);
});

const STEERING = [
    makeStep(1, { name: "Welcome" }),
    makeSplit(2, { name: "Which", parentKey: "1", trigger: "activity" }),
    makeStep(3, { name: "Offer", parentKey: "2", trigger: "branch", branchKey: "2/1" }),
    makeStep(4, {
        name: "Wait",
        type: "wait",
        parentKey: "2",
        trigger: "branch",
        branchKey: "2/2",
        delay: 2,
        branches: [
            makeBranch(4, 4, { type: "met", description: "Met" }),
            makeBranch(4, 5, { type: "timeout", description: "Time's up" }),
        ],
    }),
    makeStep(5, {
        name: "Enough",
        type: "exit",
        parentKey: "4",
        trigger: "branch",
        branchKey: "4/4",
    }),
    makeStep(6, {
        name: "Again",
        type: "goto",
        parentKey: "4",
        trigger: "branch",
        branchKey: "4/5",
        gotoKey: "1",
    }),
];
const way = (key) => `.o_mwf_way[data-key='${key}']`;
const add = (key) => `.o_mwf_add[data-key='${key}']`;

test("branches are labelled with their names, or their tests in words", async () => {
    await mountWorkflow({ steps: STEERING });
    expect(queryAllTexts(".o_mwf_way_label")).toEqual([
        "A",
        "B",
        "Met",
        "Time's up",
        "Control group",
    ]);
});

test.tags("desktop");
test("each branch is a way out, also where nothing follows", async () => {
    await mountWorkflow({ steps: STEERING, figures: {}, participants: 1249 });
    expect(way("2/2")).toHaveText("B\n1,234");
    expect(way("2/3")).toHaveClass("o_mwf_holdout");
    expect(way("2/1")).not.toHaveClass("o_mwf_holdout");
    expect(way("2/1")).toHaveAttribute("aria-label", "Branch: A, 50 of 110, 12 took this branch");
    expect(queryAllTexts(".o_mwf_branch")).toEqual([
        "Start, at once",
        "Then, at once",
        "At once",
        "2 hours later",
        "At once",
        "At once",
    ]);
    expect(card("Which")).toHaveClass("o_mwf_steering");
    expect(card("Welcome")).not.toHaveClass("o_mwf_steering");
    await contains(way("2/1")).click();
    expect.verifySteps(["open Which"]);
});

test.tags("desktop");
test("the + of a branch adds on it; nothing follows a control group, an exit or a jump", async () => {
    await mountWorkflow({ steps: STEERING });
    await contains(add("2/1")).click();
    await addStep("email");
    expect.verifySteps(["add Which branch A email"]);
    await contains(add("2")).click();
    expect(queryAllTexts(".o_mwf_choice")).toEqual(["A", "B", "Whatever the branch"]);
    await contains(".o_mwf_choice:contains(Whatever)").click();
    await addStep("email");
    expect.verifySteps(["add Which activity  email"]);
    for (const key of ["2/3", "5", "6"]) {
        expect(add(key)).toHaveCount(0);
    }
});

test.tags("desktop");
test("drag a step onto a branch", async () => {
    await mountWorkflow({ steps: STEERING });
    await contains(card("Offer")).dragAndDrop(way("2/2"));
    expect.verifySteps(["move Offer Which branch B"]);
    await contains(card("Offer")).dragAndDrop(way("4/4"));
    expect.verifySteps(["move Offer Wait branch "]);
    // It leaves the branch.
    await contains(card("Offer")).dragAndDrop(card("Welcome"));
    expect.verifySteps(["move Offer Welcome activity"]);
    for (const refused of [way("2/3"), card("Enough"), card("Again"), way("2/1")]) {
        await contains(card("Offer")).dragAndDrop(refused);
        expect.verifySteps([]);
    }
});

test.tags("desktop");
test("the keyboard walks over branches", async () => {
    await mountWorkflow({ steps: STEERING });
    queryFirst(card("Which")).focus();
    for (const [key, name] of [
        ["ArrowDown", "2/1"],
        ["ArrowRight", "2/2"],
        ["ArrowRight", "2/3"],
        ["ArrowLeft", "2/2"],
        ["ArrowDown", "Wait"],
        ["ArrowUp", "2/2"],
    ]) {
        await press(key);
        expect(getFocused()).toBe(name);
    }
    await press("Enter");
    await press("Delete");
    await press("+");
    await animationFrame();
    await press("Enter");
    expect.verifySteps(["open Which", "add Which branch B email"]);
});

test("a jump can be followed, and leads back", async () => {
    await mountWorkflow({ steps: STEERING });
    expect(`${card("Again")} .o_mwf_jump`).toHaveText("Welcome");
    await contains(`${card("Again")} .o_mwf_jump`).click();
    expect(getFocused()).toBe("Welcome");
    expect(card("Welcome")).toHaveClass("o_mwf_flash");
    expect(`${card("Welcome")} .o_mwf_sources`).toHaveText("from\nAgain");
    await contains(`${card("Welcome")} .o_mwf_sources button`).click();
    expect(getFocused()).toBe("Again");
    await advanceTime(2000);
    await animationFrame();
    expect(".o_mwf_flash").toHaveCount(0);
    expect.verifySteps([]);
});

test.tags("desktop");
test("figures of a step that steers are one line", async () => {
    const figures = { 2: makeFigures({ processed: 9, scheduled: 3 }), 3: makeFigures() };
    await mountWorkflow({ steps: STEERING, figures, participants: 12 });
    expect(queryAllTexts(`${card("Which")} .o_mwf_outcomes > button`)).toEqual([
        "9\nDone",
        "3\nWaiting",
        "0\nFiltered out",
        "12 reached",
    ]);
    expect(`${card("Which")} .o_mwf_panel`).toHaveCount(0);
    expect(`${card("Offer")} .o_mwf_panel`).toHaveCount(1);
});

test("a journey: ways that were taken, visits, and what is waited for", async () => {
    const visit = (id, values) => ({
        id,
        visit: 1,
        state: "processed",
        outcome: "processed",
        label: "Done",
        execution_date: "2026-01-01 10:00:00",
        schedule_date: "2026-01-01 10:00:00",
        branch: false,
        branch_name: "",
        ...values,
    });
    const rest = { reason: "", events: {} };
    await mountWorkflow({
        steps: STEERING,
        readonly: true,
        traces: {
            1: {
                ...visit(12, { visit: 2 }),
                reason: "",
                events: {},
                visits: [visit(11), visit(12, { visit: 2 })],
            },
            2: {
                ...visit(13, { branch: 2, branch_name: "B" }),
                ...rest,
                branch_reason: "At random",
            },
            4: {
                ...visit(14, {
                    state: "scheduled",
                    outcome: "scheduled",
                    schedule_date: "2026-01-04 10:00:00",
                }),
                wait_since: "2026-01-01 10:00:00",
                awaited: "Until “Welcome” was opened",
                reason: "",
                events: {},
            },
        },
    });
    expect(`${card("Welcome")} .o_mwf_visits`).toHaveText("2 visits");
    expect(queryFirst(`${card("Welcome")} .o_mwf_visits`).title.split("\n")).toHaveLength(2);
    expect(way("2/2")).toHaveClass("o_mwf_way_done");
    expect(way("2/1")).toHaveClass("o_mwf_way_ahead");
    expect(`${card("Which")} .o_mwf_note`).toHaveText("B: At random");
    expect(`${card("Wait")} .o_mwf_status`).toHaveText(/^Waits until/);
    expect(`${card("Wait")} .o_mwf_note`).toHaveText("Until “Welcome” was opened");
    expect(".o_mwf_taken").toHaveCount(0);
});

test("in a test another way can be taken", async () => {
    const trace = {
        id: 13,
        state: "processed",
        outcome: "processed",
        label: "Done",
        execution_date: "2026-01-01 10:00:00",
        branch: 2,
        branch_name: "B",
        branch_reason: "At random",
        reason: "",
        events: {},
    };
    await mountWorkflow({
        steps: STEERING,
        readonly: true,
        canSimulate: true,
        traces: { 2: trace },
    });
    expect(".o_mwf_other_way").toHaveCount(1);
    await contains(`${card("Which")} .o_mwf_other_way`).click();
    expect(queryAllTexts(".dropdown-item")).toEqual(["A", "Control group"]);
    await contains(".dropdown-item:contains(A)").click();
    expect.verifySteps(["takeWay 13 A"]);
});

test("a real journey goes no other way", async () => {
    const trace = {
        id: 13,
        state: "scheduled",
        outcome: "scheduled",
        label: "",
        reason: "",
        events: {},
    };
    await mountWorkflow({ steps: STEERING, readonly: true, traces: { 2: trace } });
    expect(".o_mwf_other_way").toHaveCount(0);
});

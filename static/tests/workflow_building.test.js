import { describe, expect, test } from "@odoo/hoot";
import {
    animationFrame,
    keyDown,
    keyUp,
    manuallyDispatchProgrammaticEvent,
    pointerDown,
    pointerUp,
    press,
    queryAllTexts,
    queryFirst,
    queryRect,
} from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import { contains, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    canDrop,
    getDropTargetAt,
    getDropTargets,
} from "@marketing_automation/workflow/drop_targets";
import {
    getPlaceChoices,
    getStepGroups,
} from "@marketing_automation/workflow/palette/step_choices";
import { getRectangle, getStepsIn } from "@marketing_automation/workflow/selection/rectangle";
import { drawWorkflow } from "@marketing_automation/workflow/workflow_drawing";
import { getStepProblems } from "@marketing_automation/workflow/workflow_problems";
import { WorkflowView } from "@marketing_automation/workflow/workflow_view";
import { makeSplit, makeStep, RULES } from "./workflow_test_helpers";

defineMailModels();

/** 1 email - 2 not opened, with 3 after it; 4 a split after 1, with 5 on its way A; 6 an exit. */
const STEPS = [
    makeStep(1, { name: "Welcome" }),
    makeStep(2, {
        name: "Reminder",
        parentKey: "1",
        trigger: "mail_not_open",
        delay: 2,
        delayUnit: "days",
    }),
    makeStep(3, { name: "Tag", parentKey: "2", trigger: "activity", type: "action" }),
    makeSplit(4, { name: "Which", parentKey: "1", trigger: "activity", sort: 1 }),
    makeStep(5, { name: "Offer", parentKey: "4", trigger: "branch", branchKey: "4/1" }),
    makeStep(6, { name: "Enough", parentKey: "5", trigger: "activity", type: "exit" }),
];
const ACTIONS = [
    "open",
    "add",
    "insert",
    "move",
    "moveOntoLine",
    "changeTiming",
    "remove",
    "duplicate",
    "copyToClipboard",
];

const getWord = (value) => {
    if (Array.isArray(value)) {
        return value.map(getWord).join("+");
    }
    return value && typeof value === "object"
        ? (value.name ?? value.type ?? JSON.stringify(value))
        : `${value}`;
};

function mountWorkflow(props = {}) {
    const actions = Object.fromEntries(
        ACTIONS.map((name) => [
            name,
            (...args) => expect.step([name, ...args.map(getWord)].join(" ")),
        ])
    );
    return mountWithCleanup(WorkflowView, {
        props: { steps: STEPS, rules: RULES, actions, ...props },
    });
}

const card = (name) => `.o_mwf_card:has(.o_mwf_name:text("${name}"))`;
const item = (type) => `.o_mwf_palette_item[data-type='${type}']`;
const pill = (name) => `.o_mwf_join:has(.o_mwf_insert[aria-label*='${name}']) .o_mwf_branch`;
const plus = (name) => `.o_mwf_insert[aria-label*='${name}']`;

function draw() {
    return drawWorkflow({
        steps: STEPS,
        rules: RULES,
        entries: undefined,
        canAdd: true,
        traces: null,
        canSimulate: false,
        hasFigures: false,
        isMirrored: false,
    });
}

describe("pure functions", () => {
    describe.current.tags("headless");

    test("what can be added, by group", () => {
        const getKeys = (groups) => groups.map(({ types }) => types.map(({ key }) => key));
        expect(getKeys(getStepGroups(RULES))).toEqual([
            ["email", "sms"],
            ["action"],
            ["condition", "split", "wait", "goto", "exit"],
        ]);
        // Something comes after it.
        expect(getKeys(getStepGroups(RULES, { isBetween: true })).at(-1)).toEqual([
            "condition",
            "split",
            "wait",
        ]);
        expect(getStepGroups({ ...RULES, types: [] })).toEqual([]);
    });

    test("when it can come: plainly first, or on the first branch", () => {
        const [welcome, , , which] = STEPS;
        const getKeys = (...args) => getPlaceChoices(RULES, ...args).map(({ key }) => key);
        expect(getKeys(null)).toEqual(["begin"]);
        expect(getKeys(welcome)[0]).toBe("activity");
        expect(getKeys(which)).toEqual(["4/1", "4/2", "activity"]);
        expect(getKeys(which, which.branches[1])).toEqual(["4/2"]);
    });

    test("targets: the line to a step where its trigger stands, then what is drawn", () => {
        const drawing = draw();
        const targets = getDropTargets(drawing);
        const getId = (key, above) => {
            const { x, y, width } = drawing.boxes.get(key);
            return getDropTargetAt(targets, { x: x + width / 2, y: y - above })?.id;
        };
        expect(getId("2", 25)).toBe("line:2");
        expect(getId("2", 5)).toBe("2");
        expect(getId("2", -5)).toBe("2");
        // Nothing between two steps that share the first part of their lines.
        expect(getId("2", 70)).toBe(undefined);
        expect(getId("4/1", 40)).toBe(undefined);
        expect(getId("start", -5)).toBe("start");
    });

    test("what can be dropped where", () => {
        const drawing = draw();
        const { nodes } = drawing;
        const getAllowed = (dragged) =>
            getDropTargets(drawing)
                .filter((target) => canDrop(RULES, nodes, dragged, target))
                .map(({ id }) => id);
        const lines = ["2", "3", "4", "5", "6"].map((key) => `line:${key}`);
        const open = ["start", "1", "2", "3", "4", "4/1", "4/2", "5"];
        expect(getAllowed({ type: "email" }).toSorted()).toEqual(
            ["line:1", ...lines, ...open].toSorted()
        );
        expect(getAllowed({ type: "exit" }).toSorted()).toEqual(open.toSorted());
        // With what follows, never below itself; onto the lines of the others.
        expect(getAllowed({ key: "2" })).not.toInclude("3");
        expect(getAllowed({ key: "2" })).not.toInclude("line:3");
        expect(getAllowed({ key: "2" })).toInclude("line:5");
        expect(getAllowed({ key: "4" })).not.toInclude("4/1");
        // Alone, what follows it stays.
        expect(getAllowed({ key: "2", isAlone: true })).toInclude("3");
        expect(getAllowed({ key: "2", isAlone: true })).not.toInclude("line:3");
        expect(getAllowed({ key: "4", isAlone: true })).not.toInclude("4/1");
        expect(getAllowed({ key: "4", isAlone: true })).toInclude("5");
    });

    test("what is missing is seen before it is saved, and not seen after it is there", () => {
        const types = RULES.types.map((type) => ({
            ...type,
            missing: type.key === "email" ? "“%(activity)s”: choose an email." : "",
        }));
        const [email] = STEPS;
        const problem = (message) => ({ message, activity_id: 1, entry_id: false });
        const getProblems = (step, ...messages) =>
            getStepProblems({ ...RULES, types }, [step], messages.map(problem));
        const missing = "“Welcome”: choose an email.";
        expect(getProblems(email)).toEqual({ 1: [missing] });
        expect(getProblems(email, missing)).toEqual({ 1: [missing] });
        expect(getProblems({ ...email, content: "Hello" }, missing)).toEqual({});
        expect(getProblems({ ...email, content: "Hello" }, "Other.")).toEqual({ 1: ["Other."] });
        expect(getProblems({ ...email, key: "k1", resId: false })).toEqual({ k1: [missing] });
        expect(getProblems(STEPS[3])).toEqual({});
    });

    test("a rectangle selects the steps that it touches", () => {
        const drawing = draw();
        const { x, y } = drawing.boxes.get("2");
        const rectangle = getRectangle({ x: x + 10, y: y + 10 }, { x: x - 50, y: y - 10 });
        expect(rectangle).toEqual({ x: x - 50, y: y - 10, width: 60, height: 20 });
        expect(getStepsIn(drawing, rectangle)).toEqual(["2"]);
        const all = { x: 0, y: 0, width: drawing.width, height: drawing.height };
        expect(getStepsIn(drawing, all)).toHaveLength(6);
    });
});

describe("palette", () => {
    describe.current.tags("desktop");

    test("it offers the types by group; readers have none", async () => {
        await mountWorkflow();
        expect(queryAllTexts(".o_mwf_palette_group")).toEqual(["Messages", "Actions", "Steering"]);
        expect(".o_mwf_palette_item").toHaveCount(8);
        await contains(".o_mwf_palette_fold").click();
        expect(".o_mwf_palette_item").toHaveCount(8);
        expect(item("email")).toHaveText("");
        expect(item("email")).toHaveAttribute("aria-label", "Email");
        queryFirst(".o_marketing_workflow").remove();
        await mountWorkflow({ readonly: true });
        expect(".o_mwf_palette").toHaveCount(0);
    });

    test("a click adds after the step that one is at, else after the last one", async () => {
        await mountWorkflow();
        await contains(item("sms")).click();
        expect.verifySteps(["add Offer activity null sms"]);
        queryFirst(card("Reminder")).focus();
        await contains(item("sms")).click();
        expect.verifySteps(["add Reminder activity null sms"]);
        queryFirst(".o_mwf_way[data-key='4/2']").focus();
        await contains(item("sms")).click();
        expect.verifySteps(["add Which branch B sms"]);
        // Nothing comes after an exit: it comes beside it.
        queryFirst(card("Enough")).focus();
        await contains(item("sms")).click();
        expect.verifySteps(["add Offer activity null sms"]);
    });

    test("what is open counts as the step that one is at", async () => {
        await mountWorkflow({ selectedKey: "3" });
        await contains(item("email")).click();
        expect.verifySteps(["add Tag activity null email"]);
    });

    test("in an empty workflow it is the first step", async () => {
        await mountWorkflow({ steps: [] });
        await contains(item("email")).click();
        expect.verifySteps(["add null begin null email"]);
    });

    test("drag a new step onto a step, a branch and a line", async () => {
        await mountWorkflow();
        await contains(item("email")).dragAndDrop(card("Tag"));
        await contains(item("email")).dragAndDrop(".o_mwf_way[data-key='4/2']");
        await contains(item("sms")).dragAndDrop(pill("Reminder"));
        expect.verifySteps([
            "add Tag activity null email",
            "add Which branch B email",
            "insert Reminder sms",
        ]);
        // Nothing follows an exit, and an exit is followed by nothing.
        await contains(item("email")).dragAndDrop(card("Enough"));
        await contains(item("exit")).dragAndDrop(pill("Reminder"));
        await contains(item("exit")).dragAndDrop(".o_mwf_toolbar");
        expect.verifySteps([]);
    });

    test("what is dragged says where it can go; Escape lets it be", async () => {
        await mountWorkflow();
        const { moveTo, drop } = await contains(item("exit")).drag();
        await moveTo(card("Tag"));
        expect(".o_mwf_ghost").toHaveText("Exit");
        expect(".o_mwf_drop[data-key='3']").toHaveClass("o_mwf_drop_here");
        expect(".o_mwf_drop[data-key='1']").toHaveClass("o_mwf_drop_allowed");
        expect(".o_mwf_drop[data-key='6']").toHaveClass("o_mwf_drop_refused");
        expect(".o_mwf_drop[data-key='line:3']").toHaveCount(0);
        await press("Escape");
        await animationFrame();
        expect(".o_mwf_ghost").toHaveCount(0);
        expect(".o_mwf_drop").toHaveCount(0);
        await drop();
        expect.verifySteps([]);
    });
});

describe("lines", () => {
    describe.current.tags("desktop");

    test("the + on a line adds between", async () => {
        await mountWorkflow();
        await contains(plus("Reminder")).click();
        expect(".o_mwf_step_menu").toHaveText(/^Add a step before “Reminder”/);
        expect(".o_mwf_step_menu [data-type='exit']").toHaveCount(0);
        await contains(".o_mwf_step_menu [data-type='sms']").click();
        expect(".o_mwf_step_menu").toHaveCount(0);
        expect.verifySteps(["insert Reminder sms"]);
    });

    test("drag a step onto a line, with what follows it or alone", async () => {
        await mountWorkflow();
        await contains(card("Reminder")).dragAndDrop(pill("Offer"));
        expect.verifySteps(['moveOntoLine Reminder Offer {"isAlone":false}']);
        const { moveTo, drop } = await contains(card("Reminder")).drag();
        await moveTo(card("Tag"));
        expect(".o_mwf_ghost").toHaveText("Reminder\nWith the step below it (Alt: alone)");
        expect(".o_mwf_drop[data-key='3']").toHaveClass("o_mwf_drop_refused");
        await keyDown("Alt");
        await animationFrame();
        expect(".o_mwf_ghost").toHaveText("Reminder\nAlone: what follows it stays");
        expect(".o_mwf_drop[data-key='3']").toHaveClass("o_mwf_drop_here");
        await drop();
        await keyUp("Alt");
        expect.verifySteps(['move Reminder Tag activity undefined {"isAlone":true}']);
    });

    test("the pill changes when a step comes", async () => {
        await mountWorkflow();
        await contains(pill("Reminder")).click();
        expect(".o_mwf_timing_delay").toHaveValue(2);
        expect(".o_mwf_timing_unit").toHaveValue("days");
        expect(".o_mwf_timing_sentence").toHaveText(
            "Sends 2 days after “Welcome”, unless it was opened by then."
        );
        expect(queryAllTexts(".o_mwf_timing_trigger option")).toEqual([
            "Then",
            "Opened",
            "Not opened",
            "Bounced",
        ]);
        await contains(".o_mwf_timing_trigger").select("mail_open");
        await contains(".o_mwf_timing_delay").edit("4", { confirm: false });
        await contains(".o_mwf_timing_unit").select("hours");
        queryFirst(".o_mwf_timing_hour").value = "09:30";
        await manuallyDispatchProgrammaticEvent(queryFirst(".o_mwf_timing_hour"), "change");
        await contains(".o_mwf_timing button[type='submit']").click();
        expect(".o_mwf_timing").toHaveCount(0);
        expect.verifySteps([
            'changeTiming Reminder {"choice":' +
                JSON.stringify(getPlaceChoices(RULES, STEPS[0])[1]) +
                ',"delay":4,"delayUnit":"hours","hour":9.5}',
        ]);
    });

    test("a step of a branch can go to another one, or come whatever the branch", async () => {
        await mountWorkflow();
        await contains(pill("Offer")).click();
        expect(queryAllTexts(".o_mwf_timing_trigger option")).toEqual([
            "A",
            "B",
            "Whatever the branch",
        ]);
        expect(".o_mwf_timing_trigger").toHaveValue("4/1");
        await press("Escape");
        await animationFrame();
        expect(".o_mwf_timing").toHaveCount(0);
        expect.verifySteps([]);
    });

    test("who may only read sees when steps come", async () => {
        await mountWorkflow({ readonly: true });
        expect("button.o_mwf_branch").toHaveCount(0);
        expect(".o_mwf_insert").toHaveCount(0);
        expect(".o_mwf_branch").toHaveCount(6);
    });

    test("the Tab key leads from a card to its line", async () => {
        await mountWorkflow();
        queryFirst(card("Reminder")).focus();
        await animationFrame();
        await press("Tab", { shiftKey: true });
        expect(plus("Reminder")).toBeFocused();
        await press("Tab", { shiftKey: true });
        expect(pill("Reminder")).toBeFocused();
    });

    test("where a step is dragged to an edge, the drawing comes to meet it", async () => {
        await mountWorkflow();
        const viewport = queryFirst(".o_mwf_viewport");
        viewport.style.width = "400px";
        viewport.style.height = "300px";
        const { width, height } = queryRect(viewport);
        const { moveTo, cancel } = await contains(card("Welcome")).drag();
        /** How far it has come while one stays there. */
        const stay = async (x, y) => {
            await moveTo(viewport, { position: { x, y } });
            await advanceTime(50);
            const { scrollLeft, scrollTop } = viewport;
            await advanceTime(200);
            return [viewport.scrollLeft - scrollLeft, viewport.scrollTop - scrollTop].map(
                Math.sign
            );
        };
        viewport.scrollTo(0, 0);
        expect(await stay(width / 2, height / 2)).toEqual([0, 0]);
        expect(await stay(width / 2, height - 10)).toEqual([0, 1]);
        expect(await stay(width / 2, height / 2)).toEqual([0, 0]);
        expect(await stay(width / 2, 10)).toEqual([0, -1]);
        await cancel();
    });
});

describe("selection", () => {
    describe.current.tags("desktop");

    const getPicked = () => queryAllTexts(".o_mwf_picked .o_mwf_name");

    test("Shift or Ctrl and a click selects; a plain one opens", async () => {
        await mountWorkflow();
        await contains(card("Reminder")).click({ shiftKey: true });
        await contains(card("Offer")).click({ ctrlKey: true });
        expect(getPicked()).toEqual(["Reminder", "Offer"]);
        expect(card("Offer")).toHaveAttribute("aria-selected", "true");
        expect(".o_mwf_selection [role='status']").toHaveText("2 steps");
        await contains(card("Reminder")).click({ shiftKey: true });
        expect(getPicked()).toEqual(["Offer"]);
        expect.verifySteps([]);
        await contains(card("Tag")).click();
        expect(getPicked()).toEqual([]);
        expect(".o_mwf_selection").toHaveCount(0);
        expect.verifySteps(["open Tag"]);
    });

    test("what is done is done to all", async () => {
        await mountWorkflow({ selectedKey: "2" });
        await contains(card("Offer")).click({ shiftKey: true });
        expect(getPicked()).toEqual(["Reminder", "Offer"]);
        for (const label of ["Copy", "Cut", "Duplicate", "Delete"]) {
            await contains(`.o_mwf_selection [aria-label='${label}']`).click();
        }
        queryFirst(card("Offer")).focus();
        await press("Delete");
        expect.verifySteps([
            "copyToClipboard Reminder+Offer",
            'copyToClipboard Reminder+Offer {"isCut":true}',
            "duplicate Reminder+Offer",
            "remove Reminder+Offer",
            "remove Reminder+Offer",
        ]);
    });

    test("Ctrl+A selects all, Escape nothing", async () => {
        await mountWorkflow();
        queryFirst(card("Offer")).focus();
        await press("a", { ctrlKey: true });
        await animationFrame();
        expect(getPicked()).toHaveLength(6);
        await press("Escape");
        await animationFrame();
        expect(getPicked()).toEqual([]);
    });

    test("a rectangle with Shift selects, and pans nothing", async () => {
        await mountWorkflow();
        const viewport = queryFirst(".o_mwf_viewport");
        const { scrollLeft, scrollTop } = viewport;
        const { x, y, right, bottom } = queryRect(card("Reminder"));
        const at = (clientX, clientY) => ({ clientX, clientY, bubbles: true });
        const stage = queryFirst(".o_mwf_stage");
        await manuallyDispatchProgrammaticEvent(stage, "pointerdown", {
            ...at(x - 5, y - 5),
            button: 0,
            shiftKey: true,
        });
        await manuallyDispatchProgrammaticEvent(window, "pointermove", at(right, bottom));
        await animationFrame();
        expect(".o_mwf_rectangle").toHaveCount(1);
        expect(getPicked()).toEqual(["Reminder"]);
        await manuallyDispatchProgrammaticEvent(window, "pointerup", at(right, bottom));
        await animationFrame();
        expect(".o_mwf_rectangle").toHaveCount(0);
        expect(card("Reminder")).toBeFocused();
        expect([viewport.scrollLeft, viewport.scrollTop]).toEqual([scrollLeft, scrollTop]);
        // A press beside them selects nothing.
        await pointerDown(".o_mwf_viewport", { position: { x: 3, y: 3 } });
        await pointerUp(".o_mwf_viewport");
        await animationFrame();
        expect(getPicked()).toEqual([]);
    });
});

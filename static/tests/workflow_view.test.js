import { expect, test } from "@odoo/hoot";
import {
    animationFrame,
    press,
    queryAll,
    queryAllAttributes,
    queryAllTexts,
    queryFirst,
} from "@odoo/hoot-dom";
import { contains } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { card, makeStep } from "./workflow_test_helpers";
import { addStep, mountWorkflow } from "./workflow_view_helpers";

defineMailModels();

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
test("the drawing is a tree for screen readers", async () => {
    await mountWorkflow();
    const items = queryFirst("[role='tree']").getAttribute("aria-owns").split(" ");
    expect(items).toHaveLength(5);
    expect(items.toSorted()).toEqual(queryAllAttributes("[role='treeitem']", "id").toSorted());
    expect(queryAllAttributes(".o_mwf_card", "aria-level")).toEqual(["2", "3", "3", "4"]);
    expect(card("Tag")).toHaveAttribute("aria-setsize", "2");
    expect(card("Tag")).toHaveAttribute("aria-posinset", "2");
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

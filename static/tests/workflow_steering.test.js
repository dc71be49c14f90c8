import { advanceTime, expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts } from "@odoo/hoot-dom";
import { contains } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { card, getFocused } from "./workflow_test_helpers";
import { STEERING, add, addStep, mountWorkflow, way } from "./workflow_view_helpers";

defineMailModels();

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

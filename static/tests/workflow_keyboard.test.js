import { expect, test } from "@odoo/hoot";
import { animationFrame, press, queryFirst, waitFor } from "@odoo/hoot-dom";
import { contains } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { card, getFocused } from "./workflow_test_helpers";
import { STEERING, mountWorkflow } from "./workflow_view_helpers";

defineMailModels();

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

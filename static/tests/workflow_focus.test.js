import { describe, expect, test } from "@odoo/hoot";
import {
    animationFrame,
    press,
    queryAllTexts,
    queryFirst,
    waitFor,
    waitForNone,
} from "@odoo/hoot-dom";
import { contains } from "@web/../tests/web_test_helpers";
import { card, getFocused } from "./workflow_test_helpers";
import {
    PANEL,
    defineCampaigns,
    fireClipboard,
    mockCopies,
    mockServer,
    mountCampaign,
} from "./workflow_field_helpers";

describe.current.tags("desktop");

defineCampaigns();

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

import { describe, expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts, queryFirst, waitFor } from "@odoo/hoot-dom";
import { Deferred } from "@odoo/hoot-mock";
import { clickSave, contains, onRpc } from "@web/../tests/web_test_helpers";
import { card, getFocused } from "./workflow_test_helpers";
import {
    addStep,
    catchActions,
    defineCampaigns,
    fireClipboard,
    mockCopies,
    mockServer,
    mountCampaign,
} from "./workflow_field_helpers";

describe.current.tags("desktop");

defineCampaigns();

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

import { describe, expect, test } from "@odoo/hoot";
import { animationFrame, press, queryAllTexts, queryFirst, waitFor } from "@odoo/hoot-dom";
import { clickSave, contains, onRpc } from "@web/../tests/web_test_helpers";
import { card, makeRandom } from "./workflow_test_helpers";
import {
    PANEL,
    ROWS,
    addStep,
    catchActions,
    defineCampaigns,
    deleteStep,
    getRows,
    mockBranches,
    mockServer,
    mountCampaign,
    pressAndSee,
} from "./workflow_field_helpers";

describe.current.tags("desktop");

defineCampaigns();

test("where nobody is, a step is deleted without a question: it can be undone", async () => {
    mockServer();
    await mountCampaign(1);
    await deleteStep("Again");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello"]);
    expect(".o_notification_content").toHaveText("Deleted “Again”");
    await contains(".o_notification_buttons button:contains(Undo)").click();
    await animationFrame();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Again", "Tag"]);
    expect.verifySteps(["metrics", [2, 3]]);
});

test("undo and redo, by buttons and by keys", async () => {
    mockServer();
    await mountCampaign(1);
    const level = () => queryFirst(card("Tag")).getAttribute("aria-level");
    expect(".o_mwf_undo").not.toBeEnabled();
    await contains(card("Tag")).dragAndDrop(".o_mwf_start");
    await animationFrame();
    await contains(".o_mwf_undo").click();
    await animationFrame();
    expect(level()).toBe("4");
    expect(".o_mwf_undo").not.toBeEnabled();
    await contains(".o_mwf_redo").click();
    await animationFrame();
    expect(level()).toBe("2");
    const type = async (...keys) => {
        await press(keys);
        await animationFrame();
        await animationFrame();
    };
    await contains(card("Tag")).focus();
    await type("ctrl", "z");
    expect(level()).toBe("4");
    await type("ctrl", "shift", "z");
    expect(level()).toBe("2");
    await type("ctrl", "z");
    await type("ctrl", "y");
    expect(level()).toBe("2");
    // In a text field, it is the text that is undone.
    await contains("[name='name'] input").focus();
    await type("ctrl", "z");
    expect(level()).toBe("2");
    expect.verifySteps(["metrics"]);
});

test("what is typed in the form of a step is undone, too", async () => {
    mockServer();
    await mountCampaign(1);
    await contains(card("Again")).click();
    await contains(`${PANEL} [name='name'] input`).edit("Once more");
    await animationFrame();
    expect(".o_mwf_undo").toHaveAttribute("aria-label", "Undo: Changed “Once more” (Ctrl+Z)");
    await contains(".o_mwf_undo").click();
    await animationFrame();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Again", "Tag"]);
    expect.verifySteps(["metrics"]);
});

test("an added step is undone, and is there again", async () => {
    mockServer();
    let lines;
    onRpc("web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    await mountCampaign(1);
    await addStep(".o_mwf_add[data-key='start']", "Other");
    await animationFrame();
    for (const [button, count] of [
        ["undo", 4],
        ["undo", 3],
        ["redo", 4],
        ["redo", 4],
    ]) {
        await contains(`.o_mwf_${button}`).click();
        await animationFrame();
        expect(".o_mwf_card").toHaveCount(count);
    }
    expect(queryAllTexts(".o_mwf_name")).toInclude("Other");
    await contains(".o_mwf_undo").click();
    await contains(".o_mwf_undo").click();
    await animationFrame();
    await clickSave();
    expect(lines).toHaveLength(1);
    expect(lines[0][2].is_taken_out).toBe(true);
    expect.verifySteps(["metrics", "metrics"]);
});

test("a save keeps what can be undone, a discard does not", async () => {
    mockServer();
    await mountCampaign(1);
    await contains(".o_mwf_fit").click();
    await contains(card("Tag")).dragAndDrop(".o_mwf_start");
    await clickSave();
    await animationFrame();
    expect(".o_mwf_undo").toBeEnabled();
    await contains(".o_mwf_undo").click();
    await animationFrame();
    expect(card("Tag")).toHaveAttribute("aria-level", "4");
    expect(".o_form_button_save").toBeVisible();
    await contains(".o_form_button_cancel").click();
    await animationFrame();
    expect(card("Tag")).toHaveAttribute("aria-level", "2");
    expect(".o_mwf_undo").not.toBeEnabled();
    expect(".o_mwf_redo").not.toBeEnabled();
    expect.verifySteps(["metrics", "metrics"]);
});

test("a save ends what can be undone where a step has gone for good", async () => {
    mockServer();
    await mountCampaign(1);
    await deleteStep("Tag");
    await animationFrame();
    expect(".o_mwf_undo").toBeEnabled();
    await clickSave();
    await animationFrame();
    expect(".o_mwf_undo").not.toBeEnabled();
    expect.verifySteps(["metrics", [3], "metrics"]);
});

test("what is typed of branches, their order and new ones are undone and done again", async () => {
    mockServer({ isQuiet: true });
    mockBranches();
    let lines;
    onRpc("marketing.campaign", "web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    await mountCampaign(1);
    await contains(card("Again")).click();
    expect(getRows()).toEqual(["A 50", "B 50"]);
    await contains(`${ROWS}:first [name='weight']`).click();
    await contains(`${ROWS}:first [name='weight'] input`).edit("70");
    await contains(`${ROWS}:first .o_row_handle`).dragAndDrop(`${ROWS}:last`);
    await contains(`${PANEL} .o_field_x2many_list_row_add a`).click();
    await contains(`${PANEL} .o_selected_row [name='name'] input`).edit("C", { confirm: "tab" });
    await contains(`${PANEL} .o_mwf_side_title`).click();
    await animationFrame();
    const [start, weighed, ordered] = [
        ["A 50", "B 50"],
        ["A 70", "B 50"],
        ["B 50", "A 70"],
    ];
    const [added, named] = [
        [...ordered, "50"],
        [...ordered, "C 50"],
    ];
    expect(getRows()).toEqual(named);
    expect(".o_mwf_undo").toHaveAttribute(
        "aria-label",
        "Undo: Changed the branch “C” of “Again” (Ctrl+Z)"
    );
    await pressAndSee("undo", added, ordered, weighed, start);
    expect(".o_mwf_undo").not.toBeEnabled();
    await pressAndSee("redo", weighed, ordered, added, named);
    expect(".o_mwf_redo").not.toBeEnabled();
    await contains(`${PANEL} .o_mwf_side_close`).click();
    await clickSave();
    const ways = lines.find(([, id]) => id === 2)[2].branch_ids;
    expect(ways.map(([command, id]) => [command, command && id])).toEqual([
        [1, 1],
        [1, 2],
        [0, 0],
    ]);
    expect(ways[0][2].weight).toBe(70);
    expect(ways[2][2].name).toBe("C");
    expect(ways[2][2].key).toBe("k1");
    // They are loaded again before something of them is undone.
    await contains(".o_mwf_undo").click();
    await waitFor(".o_notification_content:contains(Undone: Changed the branch “C”)");
    await contains(card("Again")).click();
    expect(getRows().at(-1)).toBe("50");
});

test("random edits in the form: all are undone, and all done again", async () => {
    mockServer({ isQuiet: true });
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = makeRandom(seed);
    const pick = (values) => values[Math.floor(random() * values.length)];
    const caught = catchActions();
    await mountCampaign(1);
    const actions = caught.current;
    actions.open = () => {};
    const getSteps = () =>
        caught.view.props.steps
            .map(({ key, parentKey, trigger, delay, name }) => [
                key,
                parentKey,
                trigger,
                delay,
                name,
            ])
            .sort();
    const edits = {
        add: () => actions.add(null, "begin", null, { type: pick(["email", "action"]) }),
        insert: (step) => actions.insert(step, { type: "action" }),
        move: (step, other) => actions.move(step, other, null, null),
        moveOntoLine: (step, other) => actions.moveOntoLine(step, other || step),
        remove: (step) => random() < 0.4 && actions.remove([step]),
    };
    const seen = [getSteps()];
    for (let number = 0; number < 15; number++) {
        const { steps } = caught.view.props;
        const edit = steps.length ? pick(Object.keys(edits)) : "add";
        await edits[edit](pick(steps), pick([null, ...steps]));
        await animationFrame();
        if (JSON.stringify(getSteps()) !== JSON.stringify(seen.at(-1))) {
            seen.push(getSteps());
        }
    }
    const message = `seed ${seed}`;
    for (const before of seen.slice(0, -1).reverse()) {
        await actions.undo();
        await animationFrame();
        expect(getSteps()).toEqual(before, { message });
    }
    expect(actions.history.undoLabel).toBe("", { message });
    for (const after of seen.slice(1)) {
        await actions.redo();
        await animationFrame();
        expect(getSteps()).toEqual(after, { message });
    }
});

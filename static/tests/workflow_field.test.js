import { describe, expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { clickSave, contains, mockService, onRpc } from "@web/../tests/web_test_helpers";
import { card, makeBranch, makeFigures } from "./workflow_test_helpers";
import {
    Activity,
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

test("figures are loaded again when the form is saved, not before", async () => {
    mockServer({ participants: 3 });
    await mountCampaign(1);
    expect.verifySteps(["metrics"]);
    await contains("[name='name'] input").edit("Other name");
    expect.verifySteps([]);
    await clickSave();
    expect.verifySteps(["metrics"]);
    expect(".o_mwf_figures").toHaveCount(3);
});

test("a new campaign can be drawn before it is saved", async () => {
    mockServer();
    await mountCampaign();
    await addStep(".o_mwf_first", "First");
    await addStep(".o_mwf_add[data-key='start']", "Second");
    expect(queryAllTexts(".o_mwf_name")).toEqual(["First", "Second"]);
    expect(".o_mwf_line").toHaveCount(2);
    expect.verifySteps([]);
});

test("a new step is on the canvas at once, with a name of its own", async () => {
    mockServer();
    await mountCampaign(1);
    for (let count = 0; count < 2; count++) {
        await contains(".o_mwf_add[data-key='start']").click();
        await contains(".o_mwf_step_menu [data-type='email']").click();
        await waitFor(`.o_mwf_card:eq(${3 + count})`);
    }
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Again", "Tag", "Email", "Email 2"]);
    expect.verifySteps(["metrics"]);
});

test("what comes after a new activity saves nothing", async () => {
    mockServer();
    onRpc("marketing.campaign", "web_save", ({ args }) => {
        expect.step("save");
        lines = args[1].marketing_activity_ids;
    });
    let lines = [];
    await mountCampaign();
    await contains(".o_form_view [name='name'] input").edit("New campaign");
    await addStep(".o_mwf_first", "First");
    await addStep(".o_mwf_add:eq(1)", "Second", "Not opened");
    await addStep(".o_mwf_add:eq(2)", "Third", "Then");
    expect.verifySteps([]);
    expect(card("Third")).toHaveAttribute("aria-level", "4");
    await clickSave();
    expect.verifySteps(["save", "metrics"]);
    const [first, second, third] = lines.map(([, , values]) => values);
    expect([first.name, second.name, third.name]).toEqual(["First", "Second", "Third"]);
    expect(Boolean(first.key)).toBe(true);
    expect([second.parent_key, second.parent_id, second.trigger_type]).toEqual([
        first.key,
        false,
        "mail_not_open",
    ]);
    expect(third.parent_key).toBe(second.key);
    expect(card("Third")).toHaveAttribute("aria-level", "4");
});

test("a step that is inserted on a line", async () => {
    mockServer();
    let lines;
    onRpc("web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    const caught = catchActions();
    await mountCampaign(1);
    await caught.current.insert({ key: "2" }, { type: "action" });
    await animationFrame();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello", "Server Action", "Again", "Tag"]);
    expect(card("Again")).toHaveAttribute("aria-level", "4");
    expect(".o_mwf_branch:eq(1)").toHaveText("Not opened within 2 days");
    expect(".o_mwf_branch:eq(2)").toHaveText("Then, at once");
    await clickSave();
    const [inserted] = lines.filter(([command]) => command === 0);
    expect([inserted[2].trigger_type, inserted[2].parent_id]).toEqual(["mail_not_open", 1]);
    expect(lines.find(([command]) => command === 1)).toEqual([
        1,
        2,
        {
            interval_number: 0,
            trigger_type: "activity",
            parent_key: inserted[2].key,
            parent_id: false,
            branch_key: false,
            branch_id: false,
        },
    ]);
    expect.verifySteps(["metrics", "metrics"]);
});

test("say what stays of what is deleted", async () => {
    mockServer({ removal: { kept: 1, deleted: 1, queued: 1 } });
    await mountCampaign(1);
    await contains(`${card("Again")} .o_mwf_menu`).click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Delete)").click();
    expect(".modal-body").toHaveText(
        "The step that follows it goes, too. Nothing is scheduled for it." +
            " 1 queued message is not sent." +
            " What has happened stays in journeys, figures and reports." +
            " What nobody has come to is deleted for good."
    );
    expect.verifySteps(["metrics", [2, 3]]);
});

test("delete with what follows, and say what goes with it", async () => {
    mockServer({ removal: { scheduled: 12 } });
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await mountCampaign(1);
    await deleteStep("Again");
    expect(".modal-body").toHaveText(
        "The step that follows it goes, too. 12 scheduled steps are cancelled." +
            " Nobody has come to it: it is deleted for good."
    );
    await contains(".modal-footer .btn-secondary").click();
    expect(".o_mwf_card").toHaveCount(3);
    await deleteStep("Again");
    await contains(".modal-footer .btn-danger").click();
    await animationFrame();
    expect(queryAllTexts(".o_mwf_name")).toEqual(["Hello"]);
    await clickSave();
    expect.verifySteps([
        "metrics",
        [2, 3],
        [2, 3],
        {
            marketing_activity_ids: [
                [1, 2, { is_taken_out: true }],
                [1, 3, { is_taken_out: true }],
            ],
        },
        "metrics",
    ]);
});

test("move to the start and back", async () => {
    mockServer();
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await mountCampaign(1);
    await contains(".o_mwf_fit").click();
    await contains(card("Tag")).dragAndDrop(".o_mwf_start");
    expect(card("Tag")).toHaveAttribute("aria-level", "2");
    await contains(card("Tag")).dragAndDrop(card("Hello"));
    expect(card("Tag")).toHaveAttribute("aria-level", "3");
    await clickSave();
    expect.verifySteps([
        "metrics",
        {
            marketing_activity_ids: [
                [
                    1,
                    3,
                    {
                        trigger_type: "activity",
                        parent_key: "1",
                        parent_id: 1,
                        branch_key: false,
                        branch_id: false,
                    },
                ],
            ],
        },
        "metrics",
    ]);
});

test("a move says what becomes of what the step waited for", async () => {
    mockServer();
    await mountCampaign(1);
    await contains(".o_mwf_fit").click();
    await contains(card("Again")).dragAndDrop(".o_mwf_start");
    await animationFrame();
    expect(".o_notification_content").toHaveText(
        "Moved to the start. It comes 2 days later, whether or not: “Not opened”"
    );
    expect(".o_mwf_branch:contains(Start, 2 days later)").toHaveCount(1);
    await contains(card("Again")).dragAndDrop(card("Hello"));
    await animationFrame();
    expect(".o_notification_content").toHaveText(
        "Moved under “Hello”. It waits for “Not opened” again"
    );
    expect(".o_mwf_branch:contains(Not opened within 2 days)").toHaveCount(1);
    expect.verifySteps(["metrics"]);
});

test("numbers open what is behind them", async () => {
    mockService("action", { doAction: (action) => expect.step(action.name) });
    mockServer({
        participants: 5,
        activities: {
            1: makeFigures({
                processed: 5,
                sent: 5,
                open: 5,
                history: [["2026-03-01", 5, 0]],
            }),
        },
    });
    onRpc("marketing.activity", "action_view_figure", ({ args }) => ({
        name: `${args[0]} ${args[1]}`,
    }));
    onRpc("marketing.activity", "get_matching_count", () => 7);
    await mountCampaign(1);
    await contains(`${card("Hello")} [data-figure='open']`).click();
    expect.verifySteps(["metrics", "1 open"]);
    await contains(`${card("Hello")} .o_mwf_tab:contains(Filter)`).click();
    expect(`${card("Hello")} .o_mwf_filter button`).toHaveText("7 record(s) match now");
});

test("a step that is added on a branch comes on it", async () => {
    mockServer();
    let lines;
    onRpc("web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    Activity._records[1].activity_type = "split";
    Activity._records[1].branches = [1, 2].map((id) =>
        makeBranch(2, id, { key: `${id}`, name: `Way ${id}` })
    );
    await mountCampaign(1);
    await addStep(".o_mwf_add[data-key='2/2']", "Offer");
    expect(card("Offer")).toHaveAttribute("aria-level", "5");
    await contains(card("Tag")).dragAndDrop(".o_mwf_way[data-key='2/1']");
    await waitFor(".o_notification_content:contains(Moved to the branch)");
    await clickSave();
    expect.verifySteps(["metrics", "metrics"]);
    const place = ({ trigger_type, parent_id, branch_id, branch_key }) => [
        trigger_type,
        parent_id,
        branch_id,
        branch_key,
    ];
    const [moved, added] = [1, 0].map((code) => lines.find(([command]) => command === code)[2]);
    expect(moved).toEqual({
        trigger_type: "branch",
        parent_key: "2",
        branch_id: 1,
        branch_key: "1",
    });
    expect(place(added)).toEqual(["branch", 2, 2, "2"]);
});

test("a branch goes with what hangs on it, and comes back with it", async () => {
    mockServer();
    mockBranches();
    let lines;
    onRpc("marketing.campaign", "web_save", ({ args }) => {
        lines = args[1].marketing_activity_ids;
    });
    await mountCampaign(1);
    await contains(card("Again")).click();
    await contains(`${ROWS}:first .o_list_record_remove`).click();
    await waitFor(".o_notification_content:contains(Deleted the branch “A” of “Again”)");
    expect.verifySteps(["metrics", [3]]);
    expect(card("Tag")).toHaveCount(0);
    expect(getRows()).toEqual(["B 50"]);
    await contains(".o_notification button:contains(Undo)").click();
    await animationFrame();
    expect(getRows()).toEqual(["A 50", "B 50"]);
    expect(card("Tag")).toHaveAttribute("aria-level", "5");
    await pressAndSee("redo", ["B 50"]);
    expect(card("Tag")).toHaveCount(0);
    await clickSave();
    await animationFrame();
    expect(lines).toInclude([1, 3, { is_taken_out: true }]);
    expect(lines.find(([, id]) => id === 2)[2]).toEqual({
        branch_ids: [[1, 1, { is_taken_out: true }]],
    });
    // Both have gone for good.
    expect(".o_mwf_undo").not.toBeEnabled();
    expect.verifySteps(["metrics"]);
});

test("somebody is where a branch goes: it is asked first", async () => {
    mockServer({ isQuiet: true, removal: { kept: 1, deleted: 0, scheduled: 2 } });
    mockBranches();
    await mountCampaign(1);
    await contains(card("Again")).click();
    await contains(`${ROWS}:first .o_list_record_remove`).click();
    expect(".modal-title").toHaveText("Delete the branch “A” of “Again”?");
    expect(".modal-body").toHaveText(
        "The step that follows it goes, too. 2 scheduled steps are cancelled. What has happened stays in journeys, figures and reports."
    );
    await contains(".modal-footer .btn-secondary").click();
    expect(getRows()).toEqual(["A 50", "B 50"]);
    // Nothing hangs on the other one.
    await contains(`${ROWS}:last .o_list_record_remove`).click();
    await animationFrame();
    expect(getRows()).toEqual(["A 50"]);
});

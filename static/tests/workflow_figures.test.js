import { expect, test } from "@odoo/hoot";
import { queryAllAttributes, queryAllTexts } from "@odoo/hoot-dom";
import { contains } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { card, makeFigures } from "./workflow_test_helpers";
import { STEERING, mountWorkflow } from "./workflow_view_helpers";

defineMailModels();

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

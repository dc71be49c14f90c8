import { expect, test } from "@odoo/hoot";
import {
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    checkDatasets,
    clickOnDataset,
    getChart,
    selectMode,
    setupChartJsForTests,
} from "@web/../tests/views/graph/graph_test_helpers";
import { getToneColor } from "@marketing_automation/tones/tones";

class Trace extends models.Model {
    name = fields.Char();
    step = fields.Char();
    state = fields.Selection({
        selection: [
            ["scheduled", "Planned"],
            ["processed", "Done"],
            ["error", "Failed"],
            ["canceled", "Called off"],
            ["rejected", "Refused"],
        ],
    });

    _records = [
        { id: 1, step: "Hello", state: "processed" },
        { id: 2, step: "Hello", state: "error" },
        { id: 3, step: "Hello", state: "canceled" },
        { id: 4, step: "Offer", state: "scheduled" },
        { id: 5, step: "Offer", state: "rejected" },
    ];
}

defineMailModels();
defineModels([Trace]);
setupChartJsForTests();

const TONES = {
    scheduled: "planned",
    processed: "done",
    error: "failed",
    canceled: "other",
    rejected: "filtered",
};

const mountGraph = (type, groupBy, params = {}) => {
    onRpc("marketing.activity", "get_workflow_rules", () => ({ tones: { trace: TONES } }));
    return mountView({
        type: "graph",
        resModel: "trace",
        arch: `<graph type="${type}" js_class="marketing_state_graph">
            ${groupBy.map((name) => `<field name="${name}"/>`).join("")}
        </graph>`,
        ...params,
    });
};

/** As the style sheets have them, by label. */
const COLORS = Object.fromEntries(
    Trace._fields.state.selection.map(([key, label]) => [label, getToneColor(TONES[key])])
);

const getColors = (view) =>
    Object.fromEntries(
        getChart(view).data.datasets.map(({ label, backgroundColor }) => [label, backgroundColor])
    );

test("bars: each state has its colour, whatever it is called", async () => {
    const view = await mountGraph("bar", ["step", "state"]);
    expect(getColors(view)).toEqual(COLORS);
});

test("bars: a state keeps its colour where others are missing", async () => {
    const view = await mountGraph("bar", ["step", "state"], { domain: [["step", "=", "Offer"]] });
    expect(getColors(view)).toEqual({ Planned: COLORS.Planned, Refused: COLORS.Refused });
});

test("bars: no line joins the sums, and a bar opens its records", async () => {
    mockService("action", {
        doAction: ({ domain }) => expect.step(domain.slice(-2)),
    });
    const view = await mountGraph("bar", ["step", "state"], {
        domain: [["state", "in", ["error", "canceled"]]],
    });
    checkDatasets(view, "label", [{ label: "Failed" }, { label: "Called off" }]);
    await clickOnDataset(view);
    expect.verifySteps([
        [
            ["state", "=", "error"],
            ["step", "=", "Hello"],
        ],
    ]);
});

test("pie: slices and legend have the colours of the states", async () => {
    const view = await mountGraph("pie", ["state"]);
    const { data, legend } = getChart(view);
    const slices = data.labels.map((label, index) => [
        label,
        data.datasets[0].backgroundColor[index],
    ]);
    expect(Object.fromEntries(slices)).toEqual(COLORS);
    const items = legend.legendItems.map(({ text, fillStyle }) => [text, fillStyle]);
    expect(Object.fromEntries(items)).toEqual(COLORS);
});

test("lines have the colours of the states", async () => {
    const view = await mountGraph("bar", ["step", "state"]);
    await selectMode("line");
    const lines = getChart(view).data.datasets.map(({ label, borderColor }) => [
        label,
        borderColor,
    ]);
    expect(Object.fromEntries(lines)).toEqual(COLORS);
});

test("other groupings keep the colours of all graphs", async () => {
    const view = await mountGraph("bar", ["state", "step"]);
    expect(Object.keys(getColors(view)).sort()).toEqual(["Hello", "Offer"]);
    for (const color of Object.values(getColors(view))) {
        expect(Object.values(COLORS)).not.toInclude(color);
    }
});

test("each tone has a colour of its own", () => {
    const colors = Object.values(COLORS);
    expect(colors.every((color) => /^#[0-9a-f]{6}$/.test(color))).toBe(true);
    expect(new Set(colors)).toHaveLength(colors.length);
});

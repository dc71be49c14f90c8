import { cookie } from "@web/core/browser/cookie";
import { getCustomColor } from "@web/core/colors/colors";
import { registry } from "@web/core/registry";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";

/** Colours of states, for light and dark mode. */
const COLORS = {
    scheduled: ["#f0a30a", "#d99000"],
    processed: ["#2f6fd0", "#4a86e0"],
    error: ["#d9363e", "#e0555c"],
    canceled: ["#3f9d4f", "#4caf5f"],
    rejected: ["#8ec5ef", "#6fa9d6"],
    running: ["#2f6fd0", "#4a86e0"],
    completed: ["#3f9d4f", "#4caf5f"],
    exited: ["#8e5bb5", "#a77bc9"],
    unlinked: ["#9aa0a6", "#80868b"],
};

/** A graph in which a state has the same colour wherever and in whatever order it shows. */
export class StateGraphRenderer extends GraphRenderer {
    /**
     * @param {string} label as the graph shows it
     * @returns {string | undefined}
     */
    getStateColor(label) {
        const { selection = [] } = this.model.metaData.fields.state || {};
        const [state] = selection.find(([, text]) => text === label) || [];
        const [light, dark] = COLORS[state] || [];
        return light && getCustomColor(cookie.get("color_scheme"), light, dark);
    }

    /** Without the line of the sums: one from an activity to the next says nothing. */
    getBarChartData() {
        const data = super.getBarChartData();
        const bars = data.datasets.filter((dataset) => dataset !== this.model.lineOverlayDataset);
        for (const bar of bars) {
            bar.backgroundColor = this.getStateColor(bar.label) || bar.backgroundColor;
        }
        return { ...data, datasets: bars };
    }

    getLineChartData() {
        const data = super.getLineChartData();
        for (const dataset of data.datasets) {
            dataset.borderColor = this.getStateColor(dataset.label) || dataset.borderColor;
        }
        return data;
    }

    getPieChartData() {
        const data = super.getPieChartData();
        for (const dataset of data.datasets) {
            const colors = dataset.backgroundColor.map(
                (color, index) => this.getStateColor(data.labels[index]) || color
            );
            dataset.backgroundColor = dataset.hoverBackgroundColor = colors;
        }
        return data;
    }

    getLegendOptions() {
        const options = super.getLegendOptions();
        const { generateLabels } = options.labels || {};
        if (generateLabels) {
            options.labels.generateLabels = (chart) =>
                generateLabels(chart).map((item) => ({
                    ...item,
                    fillStyle: this.getStateColor(item.fullText) || item.fillStyle,
                }));
        }
        return options;
    }
}

export const stateGraphView = { ...graphView, Renderer: StateGraphRenderer };

registry.category("views").add("marketing_state_graph", stateGraphView);

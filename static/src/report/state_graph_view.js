import { onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";
import { getToneColor } from "../tones/tones";

/** Fields whose values have a colour. */
const FIELDS = ["outcome", "state"];

/** A graph in which a state has the colour that it has everywhere. */
export class StateGraphRenderer extends GraphRenderer {
    setup() {
        super.setup();
        const rulesService = useService("marketing_workflow_rules");
        onWillStart(async () => {
            const { tones } = await rulesService.load();
            this.tones = tones[this.model.metaData.resModel] || {};
        });
    }

    /**
     * @param {string} label as the graph shows it
     * @returns {string | undefined}
     */
    getStateColor(label) {
        for (const name of FIELDS) {
            const { selection = [] } = this.model.metaData.fields[name] || {};
            const [key] = selection.find(([, text]) => text === label) || [];
            if (key in this.tones) {
                return getToneColor(this.tones[key]);
            }
        }
    }

    /** Without the line of the sums: one from a step to the next says nothing. */
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

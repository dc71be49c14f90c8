/* global Chart */

import { Component, onMounted, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getToneColor } from "../tones/tones";
import { fillDays } from "./days";

/** Numbers day by day as lines. It is drawn once it is seen: a workflow has many of them. */
export class LineChart extends Component {
    static template = "marketing_automation.LineChart";
    static props = {
        history: Array,
        /** one for each number of the history: its label, and what its colour says */
        series: { type: Array, element: { type: Object, shape: { label: String, tone: String } } },
        hasAxes: { type: Boolean, optional: true },
        label: String,
    };

    setup() {
        this.canvasRef = useRef("canvas");
        this.state = useState({ isReady: false });
        onMounted(() => {
            this.observer = new IntersectionObserver((entries) => {
                if (entries.some((entry) => entry.isIntersecting)) {
                    this.observer.disconnect();
                    this.load();
                }
            });
            this.observer.observe(this.canvasRef.el);
        });
        onWillUnmount(() => this.observer.disconnect());
        useEffect(
            (isReady) => {
                if (isReady && this.canvasRef.el) {
                    const chart = new Chart(this.canvasRef.el, this.getConfig());
                    return () => chart.destroy();
                }
            },
            () => [this.state.isReady, JSON.stringify(this.props.history)]
        );
    }

    async load() {
        await loadBundle("web.chartjs_lib");
        this.state.isReady = true;
    }

    getConfig() {
        const { history, series, hasAxes } = this.props;
        const style = getComputedStyle(this.canvasRef.el);
        const { labels, columns } = fillDays(history);
        const axis = {
            display: Boolean(hasAxes),
            grid: { color: style.getPropertyValue("--mwf-line") },
            ticks: { color: style.color, precision: 0, maxTicksLimit: 8 },
        };
        return {
            type: "line",
            data: {
                labels,
                datasets: series.map(({ label, tone }, index) => ({
                    label,
                    data: columns[index],
                    borderColor: getToneColor(tone),
                    backgroundColor: getToneColor(tone),
                    borderWidth: 2,
                    // A line of a few days is short: its points help to see it.
                    pointRadius: labels.length > 7 ? 0 : 1.5,
                    tension: 0.2,
                })),
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                layout: { padding: 3 },
                plugins: { legend: { display: Boolean(hasAxes), labels: { color: style.color } } },
                scales: { x: axis, y: { ...axis, beginAtZero: true } },
            },
        };
    }
}

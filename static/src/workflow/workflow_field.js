import { Component, onWillStart, toRaw, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { getEntryOfRecord } from "../entries/entry_drawing";
import { useEntryEdition } from "../entries/use_entry_edition";
import { useWorkflowEdition } from "./use_workflow_edition";
import { getStepOfRecord } from "./workflow_steps";
import { WorkflowView } from "./workflow_view";

/**
 * The activities of a campaign as a workflow that can be edited, with figures once
 * somebody takes part. Changes are changes of the form: they are saved, or discarded,
 * with it.
 */
export class WorkflowField extends Component {
    static template = "marketing_automation.WorkflowField";
    static components = { WorkflowView };
    static props = {
        ...standardFieldProps,
        context: { type: Object, optional: true },
        views: { type: Object, optional: true },
        viewMode: { type: String, optional: true },
        relatedFields: { type: Object, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.rulesService = useService("marketing_workflow_rules");
        this.state = useState({ metrics: null });
        this.actions = {
            ...useWorkflowEdition({
                getProps: () => this.props,
                getList: () => this.list,
                getSteps: () => this.steps,
            }),
            ...(this.entryList &&
                useEntryEdition({
                    getProps: () => this.props,
                    getList: () => this.entryList,
                })),
            openFigure: (step, ...args) => this.callAction("action_view_figure", step, args),
            openMatching: (step) => this.callAction("action_view_matching_records", step),
            openParticipants: () => this.openParticipants(),
        };
        useBus(this.env.bus, "MARKETING_WORKFLOW:OPEN", ({ detail }) => {
            const step = this.steps.find(({ resId }) => resId && resId === detail.resId);
            const entry = this.entries?.find(({ resId }) => resId && resId === detail.entryId);
            if (step) {
                this.actions.open(step);
            } else if (entry) {
                this.actions.openEntry(entry);
            }
        });
        useBus(this.env.bus, "MARKETING_SENDING:PROGRESS", () => this.loadMetrics());
        onWillStart(async () => {
            this.rules = await this.rulesService.load();
        });
        useRecordObserver((record) => this.onRecordLoaded(record));
    }

    // ------------------------------------------------------------------------
    // Data
    // ------------------------------------------------------------------------

    get list() {
        return this.props.record.data[this.props.name];
    }

    get steps() {
        return this.list.records.map(getStepOfRecord);
    }

    get entryList() {
        return this.props.record.data.entry_ids;
    }

    get entries() {
        return this.entryList?.records.map(getEntryOfRecord);
    }

    get problems() {
        return this.getProblems("activity_id");
    }

    get entryProblems() {
        return this.getProblems("entry_id");
    }

    /** @returns {Object} what is wrong, by the id of what it is about */
    getProblems(name) {
        const problems = {};
        for (const problem of this.props.record.data.problem_list || []) {
            if (problem[name]) {
                (problems[problem[name]] ||= []).push(problem.message);
            }
        }
        return problems;
    }

    /** Load the figures again when the form was loaded again; until then the old ones stay. */
    async onRecordLoaded(record) {
        const list = toRaw(record.data[this.props.name]);
        if (list !== this.loadedList) {
            Object.assign(this, { loadedList: list, resId: record.resId });
            await this.loadMetrics();
        }
    }

    async loadMetrics() {
        const { loadedList, resId } = this;
        const metrics = resId
            ? await this.orm.silent.call("marketing.campaign", "get_workflow_metrics", [[resId]])
            : null;
        if (loadedList === this.loadedList) {
            this.state.metrics = metrics;
        }
    }

    get figures() {
        return this.state.metrics?.participants ? this.state.metrics.activities : null;
    }

    // ------------------------------------------------------------------------
    // Links
    // ------------------------------------------------------------------------

    async callAction(method, step, args = []) {
        const action = await this.orm.call("marketing.activity", method, [[step.resId], ...args]);
        return this.action.doAction(action);
    }

    async openParticipants() {
        const action = await this.orm.call("marketing.campaign", "action_view_participants", [
            [this.props.record.resId],
        ]);
        return this.action.doAction(action);
    }
}

export const workflowField = {
    component: WorkflowField,
    displayName: _t("Workflow of a marketing campaign"),
    supportedTypes: ["one2many"],
    useSubView: true,
    additionalClasses: ["w-100"],
    extractProps(staticInfo, dynamicInfo) {
        const { context, views, viewMode, relatedFields } = x2ManyField.extractProps(
            staticInfo,
            dynamicInfo
        );
        return { context, views, viewMode, relatedFields };
    },
};

registry.category("fields").add("marketing_workflow", workflowField);

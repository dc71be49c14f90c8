import { Component, onWillStart, toRaw, useChildSubEnv, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { deepEqual } from "@web/core/utils/objects";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { getEntryOfRecord } from "../entries/entry_drawing";
import { useEntryEdition } from "../entries/use_entry_edition";
import { usePanel } from "./panel/use_panel";
import { WorkflowPanel } from "./panel/workflow_panel";
import { useWorkflowEdition } from "./use_workflow_edition";
import { buildTree, flatten } from "./workflow_layout";
import { getMessages, getStepProblems } from "./workflow_problems";
import { getType } from "./workflow_rules";
import { getRecordKey, getStepsOfRecords, nameOthersAnew } from "./workflow_steps";
import { WorkflowView } from "./workflow_view";

/** A record by its name, as it is read. */
const NAMED = { fields: { display_name: {} } };

/**
 * The activities of a campaign as a workflow that can be edited, with figures once
 * somebody takes part. Changes are changes of the form: they are saved, or discarded,
 * with it.
 */
export class WorkflowField extends Component {
    static template = "marketing_automation.WorkflowField";
    static components = { WorkflowPanel, WorkflowView };
    static props = {
        ...standardFieldProps,
        context: { type: Object, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.rulesService = useService("marketing_workflow_rules");
        this.state = useState({ metrics: null });
        this.keepSteps = keepEqual();
        this.keepEntries = keepEqual();
        const isReadonly = () => this.props.readonly;
        this.panel = usePanel({
            step: {
                getList: () => this.list,
                getContext: () => this.props.context,
                getKey: getRecordKey,
                isReadonly,
            },
            entry: {
                getList: () => this.entryList,
                getContext: () => ({}),
                getKey: (record) => getEntryOfRecord(record).key,
                isReadonly,
            },
        });
        this.actions = {
            ...useWorkflowEdition({
                getProps: () => this.props,
                getList: () => this.list,
                getRules: () => this.rules,
                panel: this.panel,
            }),
            ...(this.entryList &&
                useEntryEdition({ getList: () => this.entryList, panel: this.panel })),
            openFigure: (step, ...args) => this.callAction("action_view_figure", step, args),
            openMatching: (step) => this.callAction("action_view_matching_records", step),
            openParticipants: () => this.openParticipants(),
        };
        useChildSubEnv({
            reloadContents: (name) => this.reloadContents(name),
            getStepBefore: (record) => this.getStepBefore(record),
            removeBranch: (record) =>
                this.actions.removeWay({ key: this.panel.state.key }, getRecordKey(record)),
        });
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

    /** Those that have not changed are the same as before: their cards are not drawn anew. */
    get steps() {
        const { records } = this.list;
        return this.keepSteps(nameOthersAnew(this.rules, getStepsOfRecords(records), records));
    }

    /** What the step of a record comes after, as it is on the canvas. */
    getStepBefore(record) {
        const { steps } = this;
        const key = getRecordKey(record);
        const { parentKey } = steps.find((step) => step.key === key) || {};
        return parentKey ? steps.find((step) => step.key === parentKey) : null;
    }

    get entryList() {
        return this.props.record.data.entry_ids;
    }

    get entries() {
        return this.entryList && this.keepEntries(this.entryList.records.map(getEntryOfRecord));
    }

    /** By key of the step; those that are not saved have some, too. */
    get problems() {
        return getStepProblems(this.rules, this.steps, this.props.record.data.problem_list || []);
    }

    /** By id of the entry. */
    get entryProblems() {
        return getMessages(this.props.record.data.problem_list || [], "entry_id");
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

    /**
     * What steps send or run was edited, which changes nothing of the campaign: what is said of it
     * is read again, also what is wrong with it.
     *
     * @param {string} name the field of steps with what was edited
     */
    reloadContents(name) {
        return Promise.all([
            this.readAgain(this.list.records, { content: {}, [name]: NAMED }),
            this.readAgain([this.props.record], { problem_list: {} }),
        ]);
    }

    /** What is being edited of these is left alone. */
    async readAgain(all, specification) {
        const records = all.filter(({ resId }) => resId);
        const ids = records.map(({ resId }) => resId);
        if (ids.length) {
            const { resModel } = records[0];
            const read = await this.orm.silent.webRead(resModel, ids, { specification });
            const values = new Map(read.map((each) => [each.id, each]));
            records.forEach((record) => record._applyValues(values.get(record.resId)));
        }
    }

    get figures() {
        return this.state.metrics?.participants ? this.state.metrics.activities : null;
    }

    // ------------------------------------------------------------------------
    // Panel
    // ------------------------------------------------------------------------

    get panelProps() {
        const { record, archInfo, state } = this.panel;
        if (!record) {
            return null;
        }
        const isStep = state.kind === "step";
        return {
            record,
            archInfo,
            focus: state.focus,
            ...(isStep ? this.getStepProps(state.key) : this.getEntryProps(state.key)),
            close: () => this.closePanel(),
            save: () => this.props.record.save(),
            reload: () => this.props.record.load(),
        };
    }

    /** What is being typed is kept, also where the keyboard closes it. */
    async closePanel() {
        await this.props.record.isDirty();
        this.panel.close();
    }

    getStepProps(key) {
        const steps = flatten(buildTree(this.steps))
            .map((node) => node.step)
            .filter(Boolean);
        const step = steps.find((each) => each.key === key);
        return {
            title: step?.name || "",
            label: _t("Step"),
            icon: getType(this.rules, step?.type)?.icon || "",
            remove: this.props.readonly ? null : () => this.actions.remove([step]),
            ...getNeighbours(steps, step, (each) => this.actions.open(each)),
        };
    }

    getEntryProps(key) {
        const entry = this.entries.find((each) => each.key === key);
        const canRemove = !this.props.readonly && entry && !entry.count;
        return {
            title: entry ? entry.name || entry.text : "",
            label: _t("Entry"),
            icon: this.rules.entries.find((type) => type.key === entry?.type)?.icon || "",
            remove: canRemove ? () => this.actions.removeEntry(entry) : null,
            ...getNeighbours(this.entries, entry, (each) => this.actions.openEntry(each)),
        };
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

/**
 * @returns {(all: Object[]) => Object[]} gives objects back as they were before where they are
 *  equal to these, and the whole list where all are
 */
function keepEqual() {
    let kept = [];
    return (all) => {
        const before = new Map(kept.map((each) => [each.key, each]));
        const now = all.map((each) =>
            deepEqual(before.get(each.key), each) ? before.get(each.key) : each
        );
        const isSame = now.length === kept.length && now.every((each, i) => each === kept[i]);
        kept = isSame ? kept : now;
        return kept;
    };
}

/** How one comes from one of a list to those beside it. */
function getNeighbours(all, one, open) {
    const index = all.indexOf(one);
    const [previous, next] = [all[index - 1], all[index + 1]];
    return {
        goPrevious: previous ? () => open(previous) : null,
        goNext: next ? () => open(next) : null,
    };
}

export const workflowField = {
    component: WorkflowField,
    displayName: _t("Workflow of a marketing campaign"),
    supportedTypes: ["one2many"],
    useSubView: true,
    additionalClasses: ["w-100"],
    extractProps: (_staticInfo, { context }) => ({ context }),
};

registry.category("fields").add("marketing_workflow", workflowField);

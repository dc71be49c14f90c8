import { Component, onWillStart, toRaw, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { makeContext } from "@web/core/context";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import {
    useActiveActions,
    useOpenX2ManyRecord,
    useX2ManyCrud,
} from "@web/views/fields/relational_utils";
import { x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { buildTree, flatten } from "./workflow_layout";
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
        this.dialog = useService("dialog");
        this.rulesService = useService("marketing_workflow_rules");
        this.state = useState({ metrics: null });
        this.crud = useX2ManyCrud(() => this.list, false);
        this.openX2ManyRecord = useOpenX2ManyRecord({
            resModel: this.list.resModel,
            activeField: {
                fields: this.props.relatedFields,
                views: this.props.views,
                viewMode: this.props.viewMode,
                string: _t("Activity"),
            },
            activeActions: useActiveActions({
                fieldType: "one2many",
                crudOptions: { edit: this.props.record.isInEdition },
                getEvalParams: (props) => ({
                    evalContext: props.record.evalContext,
                    readonly: props.readonly,
                }),
            }),
            getList: () => this.list,
            saveRecord: this.crud.saveRecord,
            updateRecord: this.crud.updateRecord,
        });
        this.actions = {
            open: (step) => this.open(step),
            add: (parent, trigger) => this.add(parent, trigger),
            remove: (step) => this.remove(step),
            duplicate: (step) => this.duplicate(step),
            move: (step, parent, trigger) => this.move(step, parent, trigger),
            openFigure: (step, figure) => this.callAction("action_view_figure", step, [figure]),
            openMatching: (step) => this.callAction("action_view_matching_records", step),
            openParticipants: () => this.openParticipants(),
        };
        useBus(this.env.bus, "MARKETING_WORKFLOW:OPEN", ({ detail }) => {
            const step = this.steps.find(({ resId }) => resId === detail.resId);
            if (step) {
                this.open(step);
            }
        });
        onWillStart(async () => {
            this.rules = await this.rulesService.load();
        });
        useRecordObserver((record) => this.loadMetrics(record));
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

    get problems() {
        const problems = {};
        for (const { message, activity_id: id } of this.props.record.data.problem_list || []) {
            if (id) {
                (problems[id] ||= []).push(message);
            }
        }
        return problems;
    }

    /** Load the figures again when the form was loaded again; until then the old ones stay. */
    async loadMetrics(record) {
        const list = toRaw(record.data[this.props.name]);
        if (list === this.loadedList) {
            return;
        }
        this.loadedList = list;
        if (!record.resId) {
            this.state.metrics = null;
            return;
        }
        const metrics = await this.orm.call("marketing.campaign", "get_workflow_metrics", [
            [record.resId],
        ]);
        if (list === this.loadedList) {
            this.state.metrics = metrics;
        }
    }

    get figures() {
        return this.state.metrics?.participants ? this.state.metrics.activities : null;
    }

    getRecord(step) {
        return this.list.records.find((record) => getStepOfRecord(record).key === step.key);
    }

    /**
     * Save the form, since a line cannot refer to one that was never saved.
     *
     * @param {Object} step
     * @returns {Promise<Object | null>} the step with its id; null if the form cannot be saved
     */
    async saveStep(step) {
        const unsaved = this.list.records.filter((record) => !record.resId);
        const index = unsaved.indexOf(this.getRecord(step));
        const known = new Set(this.list.resIds);
        if (!(await this.props.record.save())) {
            return null;
        }
        if (step.resId) {
            return this.steps.find(({ resId }) => resId === step.resId) || null;
        }
        // The server creates lines in the order in which they were added.
        const created = this.list.resIds.filter((id) => !known.has(id)).sort((a, b) => a - b);
        return this.steps.find(({ resId }) => resId === created[index]) || null;
    }

    // ------------------------------------------------------------------------
    // Actions
    // ------------------------------------------------------------------------

    open(step) {
        return this.openX2ManyRecord({
            record: this.getRecord(step),
            context: this.props.context,
            readonly: this.props.readonly,
            title: step.name,
            onClose: this.getFocusRestorer(),
        });
    }

    async add(parent, trigger) {
        if (parent && !parent.resId) {
            parent = await this.saveStep(parent);
            if (!parent) {
                return;
            }
        }
        const context = {
            default_trigger_type: trigger,
            default_parent_id: parent ? parent.resId : false,
        };
        return this.openX2ManyRecord({
            context: makeContext([this.props.context, context]),
            title: _t("New Activity"),
            onClose: this.getFocusRestorer(),
        });
    }

    /** Where the keyboard was goes on being where it is, once a dialog is closed. */
    getFocusRestorer() {
        const element = document.activeElement;
        return () => element?.focus();
    }

    async move(step, parent, trigger) {
        if (parent && parent.resId === false) {
            parent = await this.saveStep(parent);
            if (!parent) {
                return;
            }
        }
        await this.getRecord(step)?.update({
            trigger_type: trigger,
            parent_id: parent ? { id: parent.resId, display_name: parent.name } : false,
        });
    }

    async duplicate(step) {
        const saved = await this.saveStep(step);
        if (saved) {
            await this.orm.call("marketing.activity", "duplicate_branch", [[saved.resId]]);
            await this.props.record.load();
        }
    }

    async remove(step) {
        const node = flatten(buildTree(this.steps)).find(({ key }) => key === step.key);
        const steps = flatten(node).map((below) => below.step);
        const resIds = steps.map(({ resId }) => resId).filter(Boolean);
        const scheduled = resIds.length
            ? await this.orm.searchCount("marketing.trace", [
                  ["activity_id", "in", resIds],
                  ["state", "=", "scheduled"],
                  ["is_test", "=", false],
              ])
            : 0;
        this.dialog.add(ConfirmationDialog, {
            title: _t("Delete “%s”?", step.name),
            body: this.getRemovalText(steps.length - 1, scheduled),
            confirmLabel: _t("Delete"),
            confirmClass: "btn-danger",
            confirm: () =>
                this.list.applyCommands(
                    steps
                        .map((below) => this.getRecord(below))
                        .map((record) => [2, record.resId || record._virtualId])
                ),
            cancel: () => {},
        });
    }

    getRemovalText(followers, scheduled) {
        const parts = [];
        if (followers === 1) {
            parts.push(_t("The activity that follows it is deleted, too."));
        } else if (followers) {
            parts.push(_t("The %s activities that follow it are deleted, too.", followers));
        }
        if (scheduled === 1) {
            parts.push(_t("1 scheduled step goes with it."));
        } else if (scheduled) {
            parts.push(_t("%s scheduled steps go with it.", scheduled));
        } else {
            parts.push(_t("Nothing is scheduled for it."));
        }
        return parts.join(" ");
    }

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

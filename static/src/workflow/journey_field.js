import { Component, onWillStart, toRaw, useState } from "@odoo/owl";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { useJourneyNews } from "./use_journey_news";
import { getStepOfData } from "./workflow_steps";
import { WorkflowView } from "./workflow_view";

/**
 * The way that a participant took through the workflow. In a test, what is scheduled
 * can be run, and what a recipient would do can be simulated.
 */
export class JourneyField extends Component {
    static template = "marketing_automation.JourneyField";
    static components = { WorkflowView };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.rulesService = useService("marketing_workflow_rules");
        this.state = useState({ steps: [], traces: {} });
        this.actions = {
            open: (step) => this.open(step),
            run: (trace) => this.callTrace("action_execute", trace),
            takeWay: (trace, { id }) => this.callTrace("action_take_branch", trace, [id]),
            simulate: (trace, event) => this.callTrace("process_event", trace, [event]),
        };
        onWillStart(async () => {
            this.rules = await this.rulesService.load();
        });
        useRecordObserver((record) => this.loadJourney(record));
        useJourneyNews(
            () => this.canSimulate && this.props.record.resId,
            () => this.props.record.load()
        );
    }

    get startText() {
        const { create_date: date } = this.props.record.data;
        return date
            ? _t("Started %s", toLocaleDateTimeString(date, { showSeconds: false }))
            : _t("Start");
    }

    get canSimulate() {
        return Boolean(this.props.record.data.is_test);
    }

    /** Load the journey again when the form was loaded again; until then the old one stays. */
    async loadJourney(record) {
        const list = toRaw(record.data[this.props.name]);
        if (list === this.loadedList || !record.resId) {
            return;
        }
        this.loadedList = list;
        const { steps, traces } = await this.orm.call("marketing.participant", "get_journey", [
            [record.resId],
        ]);
        if (list === this.loadedList) {
            Object.assign(this.state, { steps: steps.map(getStepOfData), traces });
        }
    }

    open(step) {
        const trace = this.state.traces[step.resId];
        if (!trace) {
            this.notification.add(_t("This participant has not come to “%s” yet.", step.name), {
                type: "info",
            });
            return;
        }
        this.dialog.add(
            FormViewDialog,
            {
                resModel: "marketing.trace",
                resId: trace.id,
                title: step.name,
                readonly: true,
                context: {
                    form_view_ref: "marketing_automation.marketing_trace_view_form_dialog",
                },
            },
            { onClose: () => this.props.record.load() }
        );
    }

    async callTrace(method, trace, args = []) {
        await this.orm.call("marketing.trace", method, [[trace.id], ...args]);
        await this.props.record.load();
    }
}

export const journeyField = {
    component: JourneyField,
    displayName: _t("Journey of a participant"),
    supportedTypes: ["one2many"],
    additionalClasses: ["w-100"],
    relatedFields: [{ name: "id", type: "integer" }],
    fieldDependencies: [
        { name: "is_test", type: "boolean" },
        { name: "create_date", type: "datetime" },
    ],
};

registry.category("fields").add("marketing_journey", journeyField);

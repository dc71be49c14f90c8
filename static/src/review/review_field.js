import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { groupBy } from "@web/core/utils/arrays";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const APPEARANCES = {
    error: { color: "text-danger", icon: "fa-times-circle", title: _t("Keeps it from starting") },
    warning: { color: "text-warning", icon: "fa-exclamation-triangle", title: _t("Warning") },
};

/** What a start of a campaign would do, see `_get_review` of `marketing.campaign`. */
export class ReviewField extends Component {
    static template = "marketing_automation.ReviewField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.formatInteger = formatInteger;
    }

    get review() {
        return this.props.record.data[this.props.name];
    }

    get errors() {
        return this.review.findings.filter(({ severity }) => severity === "error");
    }

    /** What is the same of several steps is said once. */
    get warnings() {
        const warnings = this.review.findings.filter(({ severity }) => severity !== "error");
        const groups = groupBy(warnings, ({ text, advice }) => JSON.stringify([text, advice]));
        return Object.values(groups).map((findings) => ({
            ...findings[0],
            places: findings.filter(({ step }) => step),
        }));
    }

    /** How those who match the filter, and do not enter, are accounted for. */
    get audienceTexts() {
        const { matching, known, duplicates, unique_on: field } = this.review.audience;
        const values = { matching: formatInteger(matching), field };
        const texts = [
            matching === 1
                ? _t("1 matches the filter")
                : _t("%(matching)s match the filter", values),
        ];
        if (known === 1) {
            texts.push(_t("1 takes part already"));
        } else if (known) {
            texts.push(_t("%s take part already", formatInteger(known)));
        }
        if (duplicates === 1) {
            texts.push(_t("1 has the same “%(field)s” as another one", values));
        } else if (duplicates) {
            values.count = formatInteger(duplicates);
            texts.push(_t("%(count)s have the same “%(field)s” as another one", values));
        }
        return texts;
    }

    get messagesTitle() {
        const { asked, entering } = this.review.audience;
        return asked < entering
            ? _t("Whom messages reach, of the first %s who enter", formatInteger(asked))
            : _t("Whom messages reach");
    }

    /** When a message comes, and when the first one goes, as sentences. */
    getTexts({ place, text }) {
        return [place, text].filter(Boolean);
    }

    getAppearance({ severity }) {
        return APPEARANCES[severity];
    }

    getReachText({ reached }) {
        return _t("%(reached)s of %(count)s", {
            reached: formatInteger(reached),
            count: formatInteger(this.review.audience.asked),
        });
    }

    /** Percent of those who enter. */
    getShare({ reached }) {
        return (reached / (this.review.audience.asked || 1)) * 100;
    }

    /** Close the review, and open a step or an entry of the workflow. */
    async open({ activity_id: resId, entry_id: entryId }) {
        await this.action.doAction({ type: "ir.actions.act_window_close" });
        this.env.bus.trigger("MARKETING_WORKFLOW:OPEN", { resId, entryId });
    }
}

registry.category("fields").add("marketing_review", {
    component: ReviewField,
    supportedTypes: ["jsonb", "json"],
});

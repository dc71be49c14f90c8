import { onWillStart, useEffect, useState } from "@odoo/owl";
import { Notebook } from "@web/core/notebook/notebook";
import { useService } from "@web/core/utils/hooks";
import { useAudienceCount } from "./use_audience_count";
import { getSummary } from "./summaries";

/** The page of a notebook that has none open, for who remembers it. */
const NONE = "none";

/** The pages of a notebook as a bar of summaries: each opens below it, and closes again. */
export class SectionBar extends Notebook {
    static template = "marketing_automation.SectionBar";

    setup() {
        super.setup();
        this.model = useState(this.env.model);
        this.audience = useAudienceCount(() => this.record.data);
        const rulesService = useService("marketing_workflow_rules");
        onWillStart(async () => {
            this.rules = await rulesService.load();
        });
        useEffect(
            () => this.props.onPageUpdate(this.state.currentPage || NONE),
            () => [this.state.currentPage]
        );
    }

    get record() {
        return this.model.root;
    }

    /** A new campaign begins with its audience. */
    computeActivePage(defaultPage, activateDefault) {
        this.defaultVisible = true; // it is opened once, not each time that something changes
        const pages = this.pages.filter(([, { isVisible }]) => isVisible).map(([id]) => id);
        const wanted = activateDefault ? defaultPage : this.state.currentPage;
        if (activateDefault && !defaultPage && this.env.model.root.isNew) {
            return pages[0] || null;
        }
        return pages.includes(wanted) ? wanted : null;
    }

    toggle(id) {
        this.state.currentPage = this.state.currentPage === id ? null : id;
    }

    getSummary({ name }) {
        return getSummary(name, this.record.data, {
            audience: this.audience,
            rules: this.rules,
        });
    }
}

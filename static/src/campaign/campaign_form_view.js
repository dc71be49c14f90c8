import { registry } from "@web/core/registry";
import { Mutex } from "@web/core/utils/concurrency";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { FormRenderer } from "@web/views/form/form_renderer";
import { formView } from "@web/views/form/form_view";
import { SectionBar } from "./section_bar";

/** A campaign is saved, or discarded, when the edits of its workflow that are under way are done. */
class CampaignRecord extends RelationalModel.Record {
    async save() {
        await this.model.edits.getUnlockedDef();
        return super.save(...arguments);
    }

    async discard() {
        // Its lines are discarded by edits, too.
        if (!this._parentRecord) {
            await this.model.edits.getUnlockedDef();
        }
        return super.discard(...arguments);
    }
}

class CampaignModel extends RelationalModel {
    static Record = CampaignRecord;

    setup() {
        super.setup(...arguments);
        this.edits = new Mutex();
    }
}

/** The canvas is the page; the rest is a bar above it that opens. */
export class CampaignFormRenderer extends FormRenderer {
    static components = { ...FormRenderer.components, Notebook: SectionBar };
}

registry.category("views").add("marketing_campaign_form", {
    ...formView,
    Model: CampaignModel,
    Renderer: CampaignFormRenderer,
});

import { registry } from "@web/core/registry";
import { FormRenderer } from "@web/views/form/form_renderer";
import { formView } from "@web/views/form/form_view";
import { SectionBar } from "./section_bar";

/** The canvas is the page; the rest is a bar above it that opens. */
export class CampaignFormRenderer extends FormRenderer {
    static components = { ...FormRenderer.components, Notebook: SectionBar };
}

registry.category("views").add("marketing_campaign_form", {
    ...formView,
    Renderer: CampaignFormRenderer,
});

import { registry } from "@web/core/registry";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { FirstSteps } from "../first_steps/first_steps";
import { CampaignActionHelper } from "./campaign_action_helper";
import { CampaignNewMenu } from "./campaign_new_menu";

class CampaignKanbanController extends KanbanController {
    static template = "marketing_automation.CampaignKanbanView";
    static components = { ...KanbanController.components, CampaignNewMenu, FirstSteps };
}

class CampaignKanbanRenderer extends KanbanRenderer {
    static template = "marketing_automation.CampaignKanbanRenderer";
    static components = { ...KanbanRenderer.components, CampaignActionHelper };
}

class CampaignListController extends ListController {
    static template = "marketing_automation.CampaignListView";
    static components = { ...ListController.components, CampaignNewMenu, FirstSteps };
}

class CampaignListRenderer extends ListRenderer {
    static template = "marketing_automation.CampaignListRenderer";
    static components = { ...ListRenderer.components, CampaignActionHelper };
}

registry.category("views").add("marketing_campaign_kanban", {
    ...kanbanView,
    Controller: CampaignKanbanController,
    Renderer: CampaignKanbanRenderer,
});

registry.category("views").add("marketing_campaign_list", {
    ...listView,
    Controller: CampaignListController,
    Renderer: CampaignListRenderer,
});

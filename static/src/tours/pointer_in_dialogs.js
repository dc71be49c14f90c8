import { useEffect } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { TourPointer } from "@web_tour/js/tour_pointer/tour_pointer";

// The pointer hides when a dialog opens above what it points at. It moves into the dialog a
// moment later, and has to show again then.
patch(TourPointer.prototype, {
    setup() {
        super.setup();
        const uiService = useService("ui");
        useEffect(
            (anchor) => {
                if (anchor) {
                    this.state.triggerBelow = !uiService.activeElement.contains(anchor);
                }
            },
            () => [this.props.pointerState.anchor]
        );
    },
});

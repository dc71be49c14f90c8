import { onMounted, onWillUnmount, useExternalListener } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

const NEWS = "marketing_automation.journey";

/**
 * Tells when something has happened in a test: a message was opened, a link was clicked...
 *
 * @param {() => number | false} getTestId participant whose test is shown
 * @param {() => Promise} reload
 */
export function useJourneyNews(getTestId, reload) {
    const busService = useService("bus_service");
    const onNews = ({ participant_id: id }) => {
        if (id === getTestId()) {
            reload();
        }
    };
    onMounted(() => busService.subscribe(NEWS, onNews));
    onWillUnmount(() => busService.unsubscribe(NEWS, onNews));
    // Who comes back from the mailbox sees it also where no websocket gets through.
    useExternalListener(document, "visibilitychange", () => {
        if (document.visibilityState === "visible" && getTestId()) {
            reload();
        }
    });
}

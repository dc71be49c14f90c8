import { onMounted, onWillUnmount, useExternalListener } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";

/**
 * Loads again and again while the page is looked at.
 *
 * @param {() => Promise} load
 * @param {() => number} getSeconds until the next time; 0: not any more
 * @returns {() => void} to be called when that has changed
 */
export function usePoll(load, getSeconds) {
    let timeout;
    let isMounted = false;
    const isSeen = () => isMounted && document.visibilityState === "visible";
    const plan = () => {
        browser.clearTimeout(timeout);
        const seconds = getSeconds();
        if (seconds && isSeen()) {
            timeout = browser.setTimeout(poll, seconds * 1000);
        }
    };
    const poll = async () => {
        await load();
        plan();
    };
    onMounted(() => {
        isMounted = true;
        plan();
    });
    onWillUnmount(() => {
        isMounted = false;
        plan();
    });
    useExternalListener(document, "visibilitychange", () => {
        plan();
        if (isSeen() && getSeconds()) {
            poll();
        }
    });
    return plan;
}

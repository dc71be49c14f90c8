/** Steps on the clipboard, as text; pure functions. */

const MARK = "marketing_automation.steps";

/**
 * @typedef {{ database: string, steps: { key: string, id: number | false, parentKey: string | false
 *  }[], isCut: boolean }} CopiedSteps each before what comes after it
 */

/**
 * @param {CopiedSteps} copied
 * @returns {string}
 */
export function writeSteps(copied) {
    return JSON.stringify({ type: MARK, ...copied });
}

/**
 * @param {string} text of the clipboard, whatever that is
 * @returns {CopiedSteps | null} null where it is something else
 */
export function readSteps(text) {
    try {
        const { type, steps, ...copied } = JSON.parse(text);
        return type === MARK && Array.isArray(steps) ? { steps, ...copied } : null;
    } catch {
        return null;
    }
}

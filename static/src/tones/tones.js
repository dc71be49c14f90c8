/**
 * The colour of what is done, planned, failed...: those of `tones.scss`, for charts.
 *
 * @param {string} tone
 * @returns {string}
 */
export function getToneColor(tone) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--mwf-${tone}`).trim();
}

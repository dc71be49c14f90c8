import { deserializeDate, formatDate } from "@web/core/l10n/dates";

/**
 * Every day from the one before the first to the last, also those on which nothing
 * happened, so that a line chart tells no lies.
 *
 * @param {Array[]} history lists of [day, number, ...]
 * @returns {{ labels: string[], columns: number[][] }} one column for each number
 */
export function fillDays(history) {
    if (!history.length) {
        return { labels: [], columns: [] };
    }
    const byDay = new Map(history.map(([day, ...numbers]) => [day, numbers]));
    const columns = history[0].slice(1).map(() => []);
    const labels = [];
    const last = deserializeDate(history.at(-1)[0]);
    let day = deserializeDate(history[0][0]).minus({ days: 1 });
    for (; day <= last; day = day.plus({ days: 1 })) {
        const numbers = byDay.get(day.toISODate());
        labels.push(formatDate(day));
        columns.forEach((column, index) => column.push(numbers ? numbers[index] : 0));
    }
    return { labels, columns };
}

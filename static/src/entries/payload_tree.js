/**
 * The body of a call as lines, each with its place as JSON Pointer (RFC 6901).
 *
 * @param {Object} payload
 * @returns {{ place: string, name: string, depth: number, isLeaf: boolean, text: string }[]}
 */
export function getPayloadLines(payload, place = "", depth = 0) {
    return Object.entries(payload || {}).flatMap(([name, value]) => {
        const step = name.replaceAll("~", "~0").replaceAll("/", "~1");
        const isLeaf = value === null || typeof value !== "object";
        const line = { place: `${place}/${step}`, name, depth, isLeaf };
        if (isLeaf) {
            return [{ ...line, text: JSON.stringify(value) }];
        }
        const text = Array.isArray(value) ? `[${value.length}]` : "";
        return [{ ...line, text }, ...getPayloadLines(value, line.place, depth + 1)];
    });
}

import { reactive } from "@odoo/owl";
import { uniqueId } from "@web/core/utils/functions";

/**
 * What shows at single nodes of the drawing and changes often: which one the Tab key stops at,
 * which is open, which are selected, which one has jumped to. Each card listens to its own marks only, so that no
 * other one is drawn anew.
 *
 * @typedef {{ isTabStop: boolean, isSelected: boolean, isPicked: boolean,
 *  isFlashing: boolean }} Marks
 */
export class NodeMarks {
    constructor() {
        this.marks = new Map();
        this.keys = {};
        this.prefix = uniqueId("o_mwf_node_");
    }

    /**
     * @param {string} key
     * @returns {string} id of the element that shows the node, in the whole page
     */
    getId(key) {
        return `${this.prefix}_${key}`;
    }

    /**
     * @param {string} key
     * @returns {Marks} to be observed
     */
    get(key) {
        if (!this.marks.has(key)) {
            const marks = {
                isTabStop: false,
                isSelected: false,
                isPicked: false,
                isFlashing: false,
            };
            this.marks.set(key, reactive(marks));
        }
        return this.marks.get(key);
    }

    /** @returns {string | null} the node that has a mark */
    getKey(name) {
        return this.keys[name] || null;
    }

    /**
     * Put a mark, which only one node has at a time.
     *
     * @param {keyof Marks} name
     * @param {string | null} key
     */
    set(name, key) {
        const before = this.getKey(name);
        if (before === key) {
            return;
        }
        this.keys[name] = key;
        if (before) {
            this.get(before)[name] = false;
        }
        if (key) {
            this.get(key)[name] = true;
        }
    }

    /**
     * Put a mark, which many nodes can have at a time.
     *
     * @param {keyof Marks} name
     * @param {string[]} keys all that have it
     */
    setAll(name, keys) {
        for (const key of keys) {
            this.get(key)[name] = true;
        }
        for (const [key, marks] of this.marks) {
            if (marks[name] && !keys.includes(key)) {
                marks[name] = false;
            }
        }
    }
}

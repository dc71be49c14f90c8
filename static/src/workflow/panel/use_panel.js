import { useEffect, useState } from "@odoo/owl";
import { KeepLast } from "@web/core/utils/concurrency";
import { useLineForm } from "./use_line_form";

/**
 * What is open beside the canvas. It is a line of the form: it stays open while the form is
 * saved, and closes when the line is gone.
 *
 * @param {{ [kind: string]: { getList: Function, getContext: Function, isReadonly: Function,
 *  getKey: (record: Object) => string } }} kinds what can be open
 */
export function usePanel(kinds) {
    const state = useState({ kind: null, key: null, id: null, focus: false });
    const keepLast = new KeepLast();
    const forms = Object.fromEntries(
        Object.entries(kinds).map(([kind, params]) => [kind, useLineForm(params)])
    );
    let shown = null;
    let archInfo = null;

    /** Lines that are taken out of the drawing are kept in the list, to be put back. */
    const getRecords = (kind) =>
        kinds[kind].getList().records.filter(({ data }) => !data.is_taken_out);

    function find(by) {
        const { kind, id, key } = state;
        return getRecords(kind).find((record) =>
            by === "id" ? record.id === id : kinds[kind].getKey(record) === key
        );
    }

    async function open(kind, record, { focus = false } = {}) {
        const form = await keepLast.add(forms[kind].extend(record).then(() => forms[kind].load()));
        show(kind, record, form, focus === true ? "first" : focus);
    }

    async function add(kind, context) {
        const record = await forms[kind].create(context);
        show(kind, record, await forms[kind].load(), "name");
        return record;
    }

    function show(kind, record, form, focus) {
        archInfo = form.archInfo;
        shown = record;
        Object.assign(state, { kind, key: kinds[kind].getKey(record), id: record.id, focus });
    }

    function close() {
        keepLast.add(Promise.resolve());
        shown = null;
        Object.assign(state, { kind: null, key: null, id: null, focus: false });
    }

    /** The form was saved or loaded again: its lines are others. */
    function follow() {
        if (!state.kind || find("id")) {
            return;
        }
        const record = find("key");
        return record ? open(state.kind, record) : close();
    }

    useEffect(() => {
        follow();
    });

    return {
        state,
        open,
        add,
        /** All that the form of a line knows of it, without a look at it. */
        load: (kind, record) => forms[kind].extend(record),
        /** A new line, without a look at it. */
        create: (kind, context) => forms[kind].create(context),
        close,
        get archInfo() {
            return archInfo;
        },
        /** The line that is open; the one from before a save while that is loaded again. */
        get record() {
            return state.kind && (find("id") || (find("key") && shown));
        },
    };
}

import {
    useActiveActions,
    useOpenX2ManyRecord,
    useX2ManyCrud,
} from "@web/views/fields/relational_utils";

/**
 * Opens a line of a form, or a new one, in a dialog; the keyboard returns to where it was.
 *
 * @param {Object} params
 * @param {() => Object} params.getProps props of the field that shows the lines
 * @param {() => Object} params.getList the lines
 * @param {Object} params.activeField its views, and what the lines are called
 * @returns {(params: Object) => Promise}
 */
export function useLineDialog({ getProps, getList, activeField }) {
    const { saveRecord, updateRecord } = useX2ManyCrud(getList, false);
    const open = useOpenX2ManyRecord({
        resModel: getList().resModel,
        activeField,
        activeActions: useActiveActions({
            fieldType: "one2many",
            crudOptions: { edit: getProps().record.isInEdition },
            getEvalParams: (props) => ({
                evalContext: props.record.evalContext,
                readonly: props.readonly,
            }),
        }),
        getList,
        saveRecord,
        updateRecord,
    });
    return (params) => {
        const { readonly } = getProps();
        const element = document.activeElement;
        return open({
            ...(params.record && { readonly }),
            ...params,
            onClose: () => element?.focus(),
        });
    };
}

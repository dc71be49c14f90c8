import { useEnv } from "@odoo/owl";
import { makeContext } from "@web/core/context";
import { useService } from "@web/core/utils/hooks";
import { parseXML } from "@web/core/utils/xml";
import { extractFieldsFromArchInfo } from "@web/model/relational_model/utils";
import { FormArchParser } from "@web/views/form/form_arch_parser";
import { loadSubViews } from "@web/views/form/form_controller";

/**
 * The form of the lines of a form, to show it in place: each change of a line is a change of
 * the form at once, as in a list that is edited in place.
 *
 * @param {Object} params
 * @param {() => Object} params.getList the lines
 * @param {() => Object} params.getContext
 * @param {() => boolean} params.isReadonly
 * @returns {{ load: Function, extend: Function, create: Function }}
 */
export function useLineForm({ getList, getContext, isReadonly }) {
    const viewService = useService("view");
    const env = useEnv();
    let form = null;

    async function loadForm() {
        const { resModel, context, fields: known } = getList();
        const { fields, relatedModels, views } = await viewService.loadViews({
            context: makeContext([context, getContext()]),
            resModel,
            views: [[false, "form"]],
        });
        const archInfo = new FormArchParser().parse(
            parseXML(views.form.arch),
            relatedModels,
            resModel
        );
        await loadSubViews(archInfo.fieldNodes, fields, {}, resModel, viewService, env.isSmall);
        return {
            archInfo: prefixIds(archInfo, resModel.replaceAll(".", "_")),
            ...extractFieldsFromArchInfo(archInfo, { ...known, ...fields }),
        };
    }

    function load() {
        form ||= loadForm().catch((error) => {
            form = null;
            throw error;
        });
        return form;
    }

    async function getParams() {
        const { activeFields, fields } = await load();
        return { activeFields, fields, mode: isReadonly() ? "readonly" : "edit" };
    }

    /**
     * When a dialog closes, its record goes back to the fields of the list, where the others are
     * invisible, and a proposed record has no name: this one goes on being shown.
     */
    function keepFields(record) {
        record._activeFieldsToRestore = undefined;
    }

    /** What a dialog would keep for itself until it is closed goes to the form at once. */
    async function makeLive(record) {
        await record.switchMode("readonly");
        if (!isReadonly()) {
            await record.switchMode("edit");
        }
    }

    return {
        load,
        /** Load what only the form of a line shows. */
        async extend(record) {
            await getList().extendRecord(await getParams(), record);
            keepFields(record);
            // Discarding the form takes it back to what was saved, not to this moment.
            await record.discard();
            await makeLive(record);
        },
        /** @returns {Promise<Object>} a new line, which is in the list */
        async create(context) {
            const list = getList();
            const record = await list.extendRecord({
                ...(await getParams()),
                context: makeContext([list.context, getContext(), context]),
            });
            keepFields(record);
            await list.validateExtendedRecord(record);
            await makeLive(record);
            return record;
        },
    };
}

/** Two forms are on one page: the ids of their fields, which labels refer to, must differ. */
function prefixIds(archInfo, prefix) {
    const getId = (id) => `${prefix}_${id}`;
    for (const node of archInfo.xmlDoc.querySelectorAll("field[field_id]")) {
        if (!node.parentElement.closest("field")) {
            node.setAttribute("field_id", getId(node.getAttribute("field_id")));
        }
    }
    const fieldNodes = Object.entries(archInfo.fieldNodes).map(([id, node]) => [getId(id), node]);
    return {
        ...archInfo,
        fieldNodes: Object.fromEntries(fieldNodes),
        disableAutofocus: true,
    };
}

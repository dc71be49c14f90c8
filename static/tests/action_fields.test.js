import { expect, test } from "@odoo/hoot";
import {
    clickSave,
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Activity extends models.Model {
    _name = "marketing.activity";

    action_kind = fields.Selection({
        selection: [
            ["tag_add", "Add a Tag"],
            ["stage", "Change the Stage"],
            ["note", "Log a Note"],
        ],
    });
    action_kinds = fields.Json();
    action_value = fields.Char();
    action_options = fields.Json();

    _records = [
        {
            id: 1,
            action_kind: "tag_add",
            action_kinds: [
                { key: "tag_add", label: "Add a Tag", icon: "fa-tag" },
                { key: "note", label: "Log a Note", icon: "fa-sticky-note-o" },
            ],
            action_value: "true",
            action_options: [
                ["true", "Yes"],
                ["false", "No"],
            ],
        },
    ];
}

defineMailModels();
defineModels([Activity]);

function mountActivity(params = {}) {
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    return mountView({
        type: "form",
        resModel: "marketing.activity",
        resId: 1,
        arch: `<form>
            <field name="action_kind" widget="marketing_action_kind"/>
            <field name="action_value" widget="marketing_option"/>
        </form>`,
        ...params,
    });
}

test("what a step can do is offered as the server says, and chosen with one click", async () => {
    await mountActivity();
    expect(".o_field_widget[name='action_kind'] label").toHaveCount(2);
    expect("[name='action_kind'] input[data-value='tag_add']").toBeChecked();
    await contains("[name='action_kind'] label:contains(Log a Note)").click();
    await clickSave();
    expect.verifySteps([{ action_kind: "note" }]);
});

test.tags("desktop");
test("the value of a field is one of its options", async () => {
    await mountActivity();
    expect("[name='action_value'] input").toHaveValue("Yes");
    await contains("[name='action_value'] input").click();
    await contains(".o_select_menu_item:contains(No)").click();
    await clickSave();
    expect.verifySteps([{ action_value: "false" }]);
});

test("what is only read shows what was chosen", async () => {
    await mountActivity({ readonly: true });
    expect("[name='action_value']").toHaveText("Yes");
    expect("[name='action_kind'] input:first").not.toBeEnabled();
});

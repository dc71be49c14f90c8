import { expect, test } from "@odoo/hoot";
import { queryAllTexts, queryAllValues } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

const LATELY = `[("created", ">=", "today -7d"), ("created", "<", "today +1d")]`;

class Campaign extends models.Model {
    _name = "marketing.campaign";

    model_name = fields.Char();
    domain = fields.Char();

    _records = [
        { id: 1, model_name: "res.visitor", domain: LATELY },
        { id: 2, model_name: "res.visitor", domain: `[("created", ">=", "today -1m")]` },
    ];
}

class Visitor extends models.Model {
    _name = "res.visitor";

    name = fields.Char();
    active = fields.Boolean();
    created = fields.Datetime({ string: "Created" });
}

defineMailModels();
defineModels([Campaign, Visitor]);

async function mountFilter(resId, { foldable = true } = {}) {
    onRpc("/web/domain/validate", () => true);
    await mountView({
        type: "form",
        resModel: "marketing.campaign",
        resId,
        arch: `<form>
            <field name="model_name" invisible="1"/>
            <field name="domain" widget="marketing_filter" options="{'model': 'model_name', 'foldable': ${foldable}}"/>
        </form>`,
    });
}

test("relative dates are read as words", async () => {
    await mountFilter(1);
    expect(queryAllTexts(".o_facet_value")).toEqual(["Created in the last 7 days"]);
});

test("others, too", async () => {
    await mountFilter(2);
    expect(queryAllTexts(".o_facet_value")).toEqual(["Created since 1 month ago"]);
    await contains(".o_field_domain .fa-caret-right").click();
    expect(".o_tree_editor_condition:contains(1 month ago)").toHaveCount(1);
});

test.tags("desktop");
test("a period can be changed", async () => {
    onRpc("marketing.campaign", "web_save", ({ args }) => expect.step(args[1].domain));
    await mountFilter(1, { foldable: false });
    expect(queryAllValues(".o_marketing_period input, .o_marketing_period select")).toEqual([
        7,
        '"d"',
    ]);
    await contains(".o_marketing_period input").edit("2");
    await contains(".o_marketing_period select").select('"w"');
    await contains(".o_form_button_save").click();
    expect.verifySteps([`["&", ("created", ">=", "today -2w"), ("created", "<", "today +1d")]`]);
});

test.tags("desktop");
test("a period can be chosen", async () => {
    onRpc("marketing.campaign", "web_save", ({ args }) => expect.step(args[1].domain));
    await mountFilter(2, { foldable: false });
    await contains(".o_tree_editor_editor:eq(1) select").select('"in the last"');
    expect(".o_marketing_period").toHaveCount(1);
    await contains(".o_form_button_save").click();
    expect.verifySteps([`["&", ("created", ">=", "today -7d"), ("created", "<", "today +1d")]`]);
});

test("archived records are a matter of the campaign, not of each filter", async () => {
    await mountFilter(1, { foldable: false });
    expect(".o_tree_editor").toHaveCount(1);
    expect(".o_domain_selector .form-switch").toHaveCount(0);
});

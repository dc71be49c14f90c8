import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
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
import { getPayloadLines } from "@marketing_automation/entries/payload_tree";

class Entry extends models.Model {
    _name = "marketing.campaign.entry";

    webhook_example = fields.Json({ readonly: true });
    find_place = fields.Char();
    key_place = fields.Char();
    mapping_ids = fields.One2many({ relation: "marketing.campaign.entry.mapping" });

    _records = [
        {
            id: 1,
            webhook_example: { "a/b": { mail: "ada@example.com", tags: [1, null] }, paid: true },
            key_place: "/paid",
            mapping_ids: [1],
        },
    ];
}

class Mapping extends models.Model {
    _name = "marketing.campaign.entry.mapping";

    place = fields.Char();
    field_id = fields.Many2one({ relation: "field" });

    _records = [{ id: 1, place: "/a~1b/tags/0", field_id: 1 }];
}

class Field extends models.Model {
    _name = "field";

    name = fields.Char();

    _records = [{ id: 1, name: "Reference" }];
}

defineMailModels();
defineModels([Entry, Mapping, Field]);

function mountEntry() {
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    return mountView({
        type: "form",
        resModel: "marketing.campaign.entry",
        resId: 1,
        arch: `<form>
            <field name="webhook_example" widget="marketing_payload"/>
            <field name="find_place"/>
            <field name="key_place"/>
            <field name="mapping_ids">
                <list editable="bottom"><field name="place"/><field name="field_id"/></list>
            </field>
        </form>`,
    });
}

const value = (place) => `.o_marketing_payload_value[data-place="${place}"]`;
const choice = (text) => `.o-dropdown-item:contains(${text})`;

test("each value has its place, as JSON Pointer", () => {
    const lines = getPayloadLines({ "a/b~c": [{ x: 1 }], "": "", none: null });
    expect(lines.map(({ place, text }) => [place, text])).toEqual([
        ["/a~1b~0c", "[1]"],
        ["/a~1b~0c/0", ""],
        ["/a~1b~0c/0/x", "1"],
        ["/", '""'],
        ["/none", "null"],
    ]);
    expect(getPayloadLines(false)).toEqual([]);
});

test("values say what they are used for", async () => {
    await mountEntry();
    expect(queryAllTexts(".o_marketing_payload .badge")).toEqual(["Reference", "Key"]);
    expect(".o_marketing_payload_value").toHaveCount(4);
});

test("a click on a value says what it is for", async () => {
    await mountEntry();
    await contains(value("/a~1b/mail")).click();
    await contains(choice("Find the record by it")).click();
    await contains(value("/paid")).click();
    await contains(choice("It is not the key of the run")).click();
    expect(queryAllTexts(".o_marketing_payload .badge")).toEqual(["Found by", "Reference"]);
    await clickSave();
    expect.verifySteps([{ find_place: "/a~1b/mail", key_place: false }]);
});

test("a click on a value adds a line for a field", async () => {
    await mountEntry();
    await contains(value("/a~1b/mail")).click();
    await contains(choice("Write it to a field")).click();
    expect(".o_selected_row [name='place'] input").toHaveValue("/a~1b/mail");
});

import { Deferred, expect, runAllTimers, test } from "@odoo/hoot";
import { queryFirst } from "@odoo/hoot-dom";
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
import { RULES } from "./workflow_test_helpers";

class Activity extends models.Model {
    _name = "marketing.activity";

    name = fields.Char();
    activity_type = fields.Selection({
        selection: RULES.types.map(({ key, label }) => [key, label]),
    });
    mass_mailing_id = fields.Many2one({ relation: "mailing.mailing" });
    copied_mailing_id = fields.Many2one({ relation: "mailing.mailing" });
    sms_text = fields.Text();

    _records = [
        { id: 1, name: "Hello", activity_type: "email", mass_mailing_id: 1 },
        { id: 2, name: "Text", activity_type: "sms", mass_mailing_id: 2, sms_text: "Hi" },
        { id: 3, name: "Empty", activity_type: "email" },
    ];
}

class Mailing extends models.Model {
    _name = "mailing.mailing";

    display_name = fields.Char();
    subject = fields.Char();
    preview = fields.Char();
    body_html = fields.Html();

    _records = [
        {
            id: 1,
            display_name: "Welcome",
            subject: "Welcome",
            preview: "Good to have you",
            body_html: "<p>Good <b>day</b></p>",
        },
        { id: 2, display_name: "Short text", subject: "Short text" },
    ];
    _views = {
        form: `<form>
            <header><button name="action_test" type="object" string="Test"/></header>
            <field name="subject"/><field name="preview"/>
        </form>`,
    };
}

defineMailModels();
defineModels([Activity, Mailing]);

function mountActivity(resId) {
    onRpc("marketing.activity", "get_workflow_rules", () => RULES);
    onRpc("mailing.mailing", "get_sms_link_replacements_placeholders", () => ({
        link: "x".repeat(30),
        unsubscribe: "",
    }));
    return mountView({
        type: "form",
        resModel: "marketing.activity",
        resId,
        arch: `<form>
            <field name="activity_type" widget="marketing_activity_type"/>
            <field name="name"/>
            <field name="copied_mailing_id" invisible="1"/>
            <field name="mass_mailing_id" widget="marketing_mailing" context="{'default_subject': name}"/>
            <field name="sms_text" widget="marketing_sms_text" invisible="activity_type != 'sms'"/>
        </form>`,
    });
}

test("an email is seen as its recipients see it, without its scripts", async () => {
    await mountActivity(1);
    const frame = queryFirst(".o_marketing_preview iframe");
    expect(frame.getAttribute("sandbox")).toBe("allow-same-origin");
    expect(frame.srcdoc).toInclude("<p>Good <b>day</b></p>");
    expect(".o_marketing_preview").toHaveText("Good to have you");
});

test.tags("desktop");
test("the preview follows the email that is edited", async () => {
    await mountActivity(1);
    await contains(".o_marketing_preview button").click();
    await contains(".modal [name='subject'] input").edit("Good morning");
    await contains(".modal [name='preview'] input").edit("The sun is up");
    await contains(".modal .o_form_button_save").click();
    expect(".o_field_widget[name='mass_mailing_id'] input").toHaveValue("Good morning");
    expect(".o_marketing_preview").toHaveText("The sun is up");
});

test("an activity without an email offers to write one", async () => {
    await mountActivity(3);
    expect(".o_marketing_preview").toHaveCount(0);
    expect(".o_marketing_edit").toHaveText("Write an Email");
});

test.tags("desktop");
test("an email begins with the name of the step that was typed just before", async () => {
    Activity._onChanges = { name() {} };
    const answer = new Deferred();
    onRpc("marketing.activity", "onchange", () => answer);
    await mountActivity(3);
    await contains("[name='name'] input").edit("Good morning", { confirm: false });
    await contains(".o_marketing_edit").click();
    answer.resolve();
    await contains(".modal [name='subject'] input").click();
    expect(".modal [name='subject'] input").toHaveValue("Good morning");
});

test.tags("desktop");
test("an email that a button of its dialog has saved is that of the step, also where the dialog is discarded", async () => {
    onRpc("mailing.mailing", "action_test", () => true);
    onRpc("marketing.activity", "web_save", ({ args }) => expect.step(args[1]));
    await mountActivity(3);
    await contains(".o_marketing_edit").click();
    await contains(".modal [name='subject'] input").edit("Good morning");
    await contains(".modal button[name='action_test']").click();
    await contains(".modal .o_form_button_cancel").click();
    expect(".modal").toHaveCount(0);
    expect(".o_field_widget[name='mass_mailing_id'] input").toHaveValue("Good morning");
    await clickSave();
    expect.verifySteps([{ mass_mailing_id: 3 }]);
});

test.tags("desktop");
test("an email that is saved in its dialog is chosen once", async () => {
    Activity._onChanges = { mass_mailing_id() {} };
    onRpc("marketing.activity", "onchange", ({ args }) => expect.step(args[1].mass_mailing_id));
    await mountActivity(3);
    await contains(".o_marketing_edit").click();
    await contains(".modal [name='subject'] input").edit("Good morning");
    await contains(".modal .o_form_button_save").click();
    expect(".modal").toHaveCount(0);
    expect(".o_field_widget[name='mass_mailing_id'] input").toHaveValue("Good morning");
    expect.verifySteps([3]);
});

test.tags("desktop");
test("the email of a step that was pasted is copied when somebody writes in it", async () => {
    Activity._records[0].copied_mailing_id = 1;
    onRpc("mailing.mailing", "copy_for_step", ({ args }) => {
        expect.step(["copy_for_step", ...args[0]]);
        return 2;
    });
    await mountActivity(1);
    await contains(".o_marketing_edit").click();
    expect(".modal [name='subject'] input").toHaveValue("Short text");
    await contains(".modal .o_form_button_cancel").click();
    await contains(".o_marketing_edit").click();
    expect.verifySteps([["copy_for_step", 1]]);
});

test("a text message is written in place; its length counts links as they are sent", async () => {
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await mountActivity(2);
    expect(".o_marketing_edit").toHaveCount(0);
    await contains("[name='sms_text'] textarea").edit("See https://example.com", {
        confirm: false,
    });
    await runAllTimers();
    expect(".o_sms_count").toHaveText(/^34\/160 /);
    await clickSave();
    expect.verifySteps([{ sms_text: "See https://example.com" }]);
});

test("the server is asked when typing pauses, not for each letter of a text message", async () => {
    Activity._onChanges = { sms_text() {} };
    onRpc("onchange", ({ args }) => expect.step(args[1].sms_text));
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await mountActivity(2);
    await contains("[name='sms_text'] textarea").edit("Hello", { confirm: false });
    expect.verifySteps([]);
    await runAllTimers();
    expect.verifySteps(["Hello"]);
    await contains("[name='sms_text'] textarea").edit("Hello you", { confirm: false });
    await clickSave();
    expect.verifySteps(["Hello you", { sms_text: "Hello you" }]);
    await runAllTimers();
    expect.verifySteps([]);
});

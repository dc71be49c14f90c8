import { describe, expect, test } from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    MockServer,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { startBusService } from "@bus/../tests/bus_test_helpers";
import { getEvents, RULES } from "./workflow_test_helpers";

describe.current.tags("desktop");

class Participant extends models.Model {
    _name = "marketing.participant";

    is_test = fields.Boolean();
    create_date = fields.Datetime();
    trace_ids = fields.One2many({ relation: "marketing.trace", relation_field: "participant_id" });

    _records = [
        { id: 1, is_test: true, create_date: "2026-03-02 10:00:00", trace_ids: [1] },
        { id: 2, is_test: false, create_date: "2026-03-02 10:00:00", trace_ids: [2] },
    ];
}

class Trace extends models.Model {
    _name = "marketing.trace";

    participant_id = fields.Many2one({ relation: "marketing.participant" });

    _records = [
        { id: 1, participant_id: 1 },
        { id: 2, participant_id: 2 },
    ];
}

defineMailModels();
defineModels([Participant, Trace]);

const STEP = {
    id: 5,
    name: "Hello",
    parent_id: false,
    activity_type: "email",
    possible_events: getEvents("email"),
    trigger_type: "begin",
    interval_number: 0,
    interval_type: "hours",
};

async function mountJourney(resId, step = STEP) {
    const events = {};
    onRpc("marketing.activity", "get_workflow_rules", () => RULES);
    onRpc("marketing.participant", "get_journey", () => {
        expect.step("load");
        const trace = {
            id: 1,
            state: "processed",
            outcome: "processed",
            label: "Done",
            schedule_date: "2026-03-02 10:00:00",
            execution_date: "2026-03-02 10:00:00",
            reason: "",
            events: { ...events },
        };
        return { steps: [step], traces: { 5: trace } };
    });
    await mountView({
        type: "form",
        resModel: "marketing.participant",
        resId,
        arch: `<form edit="0">
            <field name="is_test" invisible="1"/>
            <field name="trace_ids" widget="marketing_journey"/>
        </form>`,
    });
    expect.verifySteps(["load"]);
    return events;
}

/** As the server tells the tester. */
function notify(participantId) {
    MockServer.env["bus.bus"]._sendone("broadcast", "marketing_automation.journey", {
        participant_id: participantId,
    });
}

test("a test shows real events when they happen", async () => {
    const events = await mountJourney(1);
    await startBusService();
    const card = document.querySelector(".o_mwf_card");
    expect(".o_mwf_event").toHaveCount(0);
    events.mail_open = "2026-03-02 10:05:00";
    notify(1);
    await expect.waitForSteps(["load"]);
    await contains(".o_mwf_event:contains(Opened)").hover();
    expect(document.querySelector(".o_mwf_card")).toBe(card, {
        message: "The card is the same, only its events were drawn",
    });
});

test("what happens in another test changes nothing", async () => {
    await mountJourney(1);
    await startBusService();
    notify(3);
    notify(1);
    await expect.waitForSteps(["load"]);
});

test("who comes back to the page of a test sees what happened meanwhile", async () => {
    await mountJourney(1);
    document.dispatchEvent(new Event("visibilitychange"));
    await expect.waitForSteps(["load"]);
});

test("live journeys are not loaded again", async () => {
    await mountJourney(2);
    document.dispatchEvent(new Event("visibilitychange"));
    await contains(".o_mwf_card").hover();
    expect.verifySteps([]);
});

test("a step that was taken out of the workflow is marked, and nothing is done with it", async () => {
    await mountJourney(1, { ...STEP, is_removed: true });
    expect(".o_mwf_name").toHaveText("Hello");
    expect(".o_mwf_removed").toHaveText("Removed");
    expect(".o_mwf_buttons button").toHaveCount(0);
});

import { after, beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts, queryAttribute, queryText } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate, mockTimeZone } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    mockService,
    MockServer,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Campaign extends models.Model {
    _name = "marketing.campaign";

    state = fields.Selection({
        selection: [
            ["draft", "New"],
            ["running", "Running"],
            ["stopped", "Stopped"],
        ],
    });

    sending = fields.Json();
    total_participant_count = fields.Integer({ readonly: true });
    name = fields.Char();

    _records = [
        { id: 1, state: "draft" },
        { id: 2, state: "running" },
        { id: 3, state: "stopped" },
    ];
}

defineMailModels();
defineModels([Campaign]);

const IDLE = { state: "idle" };
const SENDING = {
    state: "sending",
    queued: 6580,
    sent: 3420,
    total: 10000,
    pace: 41.3,
    end: "2025-03-03 13:35:20",
    put_off: 0,
    put_off_until: false,
    holds: [],
};
const HOLD = {
    activities: ["Welcome"],
    type: "mail",
    reason: "451 Too much mail",
    until: "2025-03-03 13:02:00",
    action: "base.action_ir_mail_server_list",
};
const HELD = { ...SENDING, state: "held", pace: 0, end: false, holds: [HOLD] };

let sending;

beforeEach(() => {
    mockDate("2025-03-03 13:00:00");
    mockTimeZone("Europe/Brussels");
    onRpc("marketing.campaign", "get_sending", () => {
        expect.step("look");
        return sending;
    });
});

async function mountSending(resId, values) {
    sending = values;
    Campaign._records.find(({ id }) => id === resId).sending = resId === 1 ? false : values;
    const view = await mountView({
        type: "form",
        resModel: "marketing.campaign",
        resId,
        arch: `<form><widget name="marketing_sending"/></form>`,
    });
    view.env.bus.addEventListener("MARKETING_SENDING:PROGRESS", () => expect.step("figures"));
    return view;
}

async function pass(seconds) {
    await advanceTime(seconds * 1000);
    await animationFrame();
}

const text = () => queryText(".o_marketing_sending").replace(/\s+/g, " ");

test("nothing is asked for a campaign that has not begun", async () => {
    await mountSending(1, IDLE);
    await pass(60);
    expect.verifySteps([]);
    expect(".o_marketing_sending").toHaveCount(0);
});

test("nor again for one that is stopped", async () => {
    await mountSending(3, IDLE);
    await pass(60);
    expect.verifySteps([]);
});

test("what is queued later comes to be seen", async () => {
    await mountSending(2, IDLE);
    expect(".o_marketing_sending").toHaveCount(0);
    sending = SENDING;
    await pass(30);
    expect(".o_marketing_sending").toHaveCount(1);
    expect.verifySteps(["look", "figures"]);
});

test("progress, pace and end", async () => {
    await mountSending(2, SENDING);
    expect(".o_marketing_sending").toHaveClass("alert-info");
    expect(text()).toBe("Sending 3,420 of 10,000 sent 41 a second · done about 2:35 PM");
    const bar = ".o_marketing_sending [role=progressbar]";
    expect(queryAttribute(bar, "aria-valuenow")).toBe("34");
    expect(queryAttribute(bar, "aria-valuetext")).toBe("3,420 of 10,000 sent");
    sending = { ...SENDING, sent: 9990, queued: 10, pace: 0.2, end: "2025-03-03 13:00:50" };
    await pass(5);
    expect(text()).toBe("Sending 9,990 of 10,000 sent 12 a minute · done in less than a minute");
    sending = { ...SENDING, end: "2025-03-05 08:00:00" };
    await pass(5);
    expect(text()).toInclude("done about Mar 5, 9:00 AM");
    expect.verifySteps(["look", "look"]);
});

test("the pace is not said before it is known", async () => {
    await mountSending(2, { ...SENDING, state: "waiting", pace: 0, end: false });
    expect(text()).toBe("Waiting to be sent 3,420 of 10,000 sent");
    expect.verifySteps([]);
});

test("figures follow, and once more when all is sent", async () => {
    await mountSending(2, SENDING);
    for (let look = 1; look < 6; look++) {
        await pass(5);
    }
    expect.verifySteps(["look", "look", "look", "look", "look", "figures"]);
    sending = IDLE;
    await pass(5);
    expect(".o_marketing_sending").toHaveClass("alert-success");
    expect(text()).toBe("Nothing is queued any more");
    expect.verifySteps(["look", "figures"]);
    await pass(30);
    expect(".o_marketing_sending").toHaveClass("alert-success");
    expect.verifySteps(["look"]);
});

test("a mail server that takes nothing: why, until when, and try it now", async () => {
    onRpc("marketing.campaign", "action_try_now", ({ args }) => {
        expect.step(`try ${args[0]}`);
        sending = { ...HELD, holds: [{ ...HOLD, until: "2025-03-03 13:00:00" }] };
        return true;
    });
    mockService("action", { doAction: (action) => expect.step(action) });
    await mountSending(2, HELD);
    expect(".o_marketing_sending").toHaveClass("alert-warning");
    expect(".o_marketing_hold").toHaveAttribute("role", "alert");
    expect(queryAllTexts(".o_marketing_hold")).toEqual([
        "“Welcome”: the mail server takes no email (451 Too much mail). Next try at 2:02 PM. Mail server",
    ]);
    await contains(".o_marketing_hold a").click();
    await contains(".o_marketing_try_now").click();
    expect(queryText(".o_marketing_hold")).toInclude("It is being tried again.");
    expect.verifySteps([HOLD.action, "try 2", "look"]);
});

test("a provider of text messages that takes nothing", async () => {
    await mountSending(2, {
        ...HELD,
        holds: [{ ...HOLD, type: "sms", reason: "Insufficient Credit" }],
    });
    expect(queryAllTexts(".o_marketing_hold")).toEqual([
        "“Welcome”: the provider takes no text message (Insufficient Credit). Next try at 2:02 PM. SMS account",
    ]);
    expect.verifySteps([]);
});

test("who may not see mail servers is told whom to ask", async () => {
    await mountSending(2, { ...HELD, holds: [{ ...HOLD, action: false }] });
    expect(".o_marketing_hold a").toHaveCount(0);
    expect(queryText(".o_marketing_hold")).toInclude("Ask your administrator.");
    expect.verifySteps([]);
});

test("what is put off", async () => {
    await mountSending(2, {
        ...SENDING,
        state: "put_off",
        put_off: 3,
        put_off_until: "2025-03-03 13:05:00",
    });
    expect(queryText(".o_marketing_put_off")).toBe("3 put off until 2:05 PM");
    expect.verifySteps([]);
});

test("nothing is asked while nobody looks", async () => {
    after(() => delete document.visibilityState);
    const setVisibility = (value) => {
        Object.defineProperty(document, "visibilityState", { value, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    };
    await mountSending(2, SENDING);
    setVisibility("hidden");
    await pass(60);
    expect.verifySteps([]);
    setVisibility("visible");
    await animationFrame();
    await pass(5);
    expect.verifySteps(["look", "look"]);
});

test("a look that fails changes nothing, and is repeated", async () => {
    await mountSending(2, SENDING);
    onRpc("marketing.campaign", "get_sending", () => {
        expect.step("failed look");
        throw new Error("Offline");
    });
    await pass(5);
    await pass(5);
    expect(text()).toInclude("3,420 of 10,000 sent");
    expect.verifySteps(["failed look", "failed look"]);
});

test("after a start the number of participants follows, and what is edited stays", async () => {
    onRpc("marketing.campaign", "start", ({ args }) => {
        MockServer.env["marketing.campaign"].write(args[0], { state: "running" });
        return false;
    });
    sending = IDLE;
    await mountView({
        type: "form",
        resModel: "marketing.campaign",
        resId: 1,
        arch: `
            <form>
                <header><button name="start" type="object" string="Start"/></header>
                <widget name="marketing_sending"/>
                <field name="name"/><field name="total_participant_count"/>
            </form>`,
    });
    await contains("button[name='start']").click();
    await animationFrame();
    expect("[name='total_participant_count']").toHaveText("0");
    await contains("[name='name'] input").edit("Spring");
    MockServer.env["marketing.campaign"].write([1], { total_participant_count: 400 });
    await pass(3);
    expect("[name='total_participant_count']").toHaveText("400");
    expect("[name='name'] input").toHaveValue("Spring");
    await pass(3);
    MockServer.env["marketing.campaign"].write([1], { total_participant_count: 401 });
    await pass(20);
    expect("[name='total_participant_count']").toHaveText("400", {
        message: "It was found unchanged once: that is all",
    });
});

import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { makeMockEnv } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { apply, applyAll, canApply } from "@marketing_automation/workflow/edits/apply";
import {
    addStep,
    insertStep,
    leaveFollowers,
    moveOntoLine,
    moveStep,
    takeOutStep,
    takeOutWay,
} from "@marketing_automation/workflow/edits/compose";
import {
    getBranch,
    getPlace,
    makeDocumentStep,
    withWays,
} from "@marketing_automation/workflow/edits/document";
import { EMPTY_HISTORY, record, redo, undo } from "@marketing_automation/workflow/edits/history";
import { getChangeText, getMoveText } from "@marketing_automation/workflow/edits/words";
import { buildTree, flatten } from "@marketing_automation/workflow/workflow_layout";
import { makeBranch, makeRandom, makeStep, RULES } from "./workflow_test_helpers";

describe.current.tags("headless");
defineMailModels();
beforeEach(() => makeMockEnv());

/** Emails and text messages, both with clicks. */
const rules = {
    ...RULES,
    triggers: [
        ...RULES.triggers,
        ["mail_click", "email", false],
        ["mail_not_click", "email", true],
        ["sms_not_click", "sms", true],
    ].map((each) =>
        Array.isArray(each)
            ? {
                  key: each[0],
                  label: each[0],
                  category: each[1],
                  event: each[0].replace("_not", ""),
                  negative: each[2],
              }
            : each
    ),
    events: [...RULES.events, { key: "mail_click", category: "email", metric: "clicked" }],
};

const EVENTS = { email: ["mail_open", "mail_click", "mail_bounce"], sms: ["sms_click"] };

const makeWay = (key, values) => ({
    key,
    values: { branch_type: "random", name: "", sequence: 10, weight: 50, ...values },
});

function step(id, type, { parent, trigger, branch, ...values } = {}) {
    const key = `${id}`;
    const drawn = makeStep(id, {
        type,
        possibleEvents: EVENTS[type] || [],
        parentKey: parent ? `${parent}` : false,
        branchKey: branch ? `${parent}/${branch}` : false,
        trigger: trigger || (parent ? "activity" : "begin"),
        branches:
            type === "split"
                ? [1, 2, 3].map((number) =>
                      makeBranch(id, number, { name: `Way ${number}`, is_holdout: number === 3 })
                  )
                : [],
    });
    return makeDocumentStep(
        { ...drawn, key },
        {
            name: `Step ${id}`,
            activity_type: type,
            interval_number: 0,
            interval_type: "hours",
            time_of_day: 0,
            ...values,
        },
        {
            ways: [1, 2, 3]
                .filter(() => type === "split")
                .map((number) =>
                    makeWay(`${number}`, {
                        name: `Way ${number}`,
                        sequence: number,
                        is_holdout: number === 3,
                    })
                ),
        }
    );
}

const makeDocument = (...steps) => new Map(steps.map((each) => [each.key, each]));

/** 1 email - 2 sms when not opened - 3 action; 4 split after 1, with 5 on its first way. */
const makeWorkflow = () =>
    makeDocument(
        step(1, "email"),
        step(2, "sms", { parent: 1, trigger: "mail_not_open", interval_number: 3 }),
        step(3, "action", { parent: 2, trigger: "sms_click", interval_number: 1 }),
        step(4, "split", { parent: 1 }),
        step(5, "email", { parent: 4, trigger: "branch", branch: 1 })
    );

const done = (document, edits) => applyAll(document, edits, rules).document;
const refusal = (document, edits) => applyAll(document, edits, rules).reason;
const move = (document, key, parentKey, branchKey = false) =>
    done(document, moveStep(document, rules, { key, parentKey, branchKey }));
const place = (document, key) => {
    const { parentKey, branchKey, trigger } = document.get(key);
    return [parentKey, branchKey, trigger];
};
/** What people see, as plain data. */
const show = (document) =>
    Object.fromEntries(
        [...document.values()]
            .sort((a, b) => (a.key < b.key ? -1 : 1))
            .map((each) => [each.key, { ...getPlace(each), ...each.values, ways: each.ways }])
    );

test("edits leave the document that they change as it is", () => {
    const document = makeWorkflow();
    const before = JSON.stringify([...document]);
    for (const edit of [
        ...addStep(document, rules, { key: "new", type: "email", place: getPlace(step(9)) }),
        { type: "change", key: "1", values: { name: "Other" } },
        ...moveStep(document, rules, { key: "3", parentKey: false, branchKey: false }),
        { type: "takeOut", key: "5" },
    ]) {
        expect(apply(document, edit)).not.toBe(document);
    }
    expect(JSON.stringify([...document])).toBe(before);
});

test("what is not allowed is refused, with a reason", () => {
    const document = makeWorkflow();
    const to = (parentKey, trigger, branchKey = false) => ({ parentKey, branchKey, trigger });
    const reason = (edit) => canApply(document, edit, rules).reason;
    expect(reason({ type: "place", key: "1", place: to("3", "activity") })).toBe(
        "“Step 1” cannot come after itself."
    );
    expect(reason({ type: "place", key: "3", place: to("4", "mail_open") })).toBe(
        "“Step 3” waits for something that cannot happen to “Step 4”."
    );
    expect(reason({ type: "place", key: "3", place: to("4", "branch", "4/3") })).toBe(
        "Nothing can come on the control group of “Step 4”."
    );
    expect(reason({ type: "place", key: "3", place: to("4", "branch") })).toBe(
        "Choose the branch of “Step 4” that “Step 3” comes on."
    );
    expect(reason({ type: "place", key: "3", place: to(false, "activity") })).toBe(
        "“Step 3” has to come after a step."
    );
    expect(reason({ type: "place", key: "3", place: to("9", "activity") })).toBe(
        "The step is not in the workflow any more."
    );
    expect(reason({ type: "takeOut", key: "2" })).toBe(
        "Something comes after “Step 2”: move or delete it first."
    );
    expect(reason({ type: "change", key: "9", values: {} })).not.toBe("");
    expect(reason({ type: "add", step: step(1, "email") })).toBe(
        "“Step 1” is in the workflow already."
    );
    const ended = done(document, [{ type: "add", step: step(6, "exit", { parent: 3 }) }]);
    expect(
        canApply(ended, { type: "place", key: "5", place: to("6", "activity") }, rules).reason
    ).toBe("Nothing can come after “Step 6”.");
});

test("a step that is inserted on a line takes over when the one below came", () => {
    const document = makeWorkflow();
    const after = done(
        document,
        insertStep(document, rules, { key: "new", type: "action", childKey: "2" })
    );
    expect(place(after, "new")).toEqual(["1", false, "mail_not_open"]);
    expect(after.get("new").values).toEqual({
        name: "Server Action",
        activity_type: "action",
        interval_number: 3,
        interval_type: "hours",
        time_of_day: 0,
    });
    expect(place(after, "2")).toEqual(["new", false, "activity"]);
    expect(after.get("2").values.interval_number).toBe(0);
    expect(place(after, "3")).toEqual(["2", false, "sms_click"]);
});

test("on a line from a branch, and what cannot be followed", () => {
    const document = makeWorkflow();
    const insert = (type) => insertStep(document, rules, { key: "new", type, childKey: "5" });
    const after = done(document, insert("wait"));
    expect(place(after, "new")).toEqual(["4", "4/1", "branch"]);
    expect("time_of_day" in after.get("new").values).toBe(false);
    expect(refusal(document, insert("exit"))).toBe("Nothing can come after “Exit”.");
});

test("new steps have names of their own", () => {
    let document = makeWorkflow();
    for (const key of ["a", "b"]) {
        document = done(
            document,
            addStep(document, rules, { key, type: "email", place: getPlace(step(9)) })
        );
    }
    expect(document.get("a").values.name).toBe("Email");
    expect(document.get("b").values.name).toBe("Email 2");
});

test("what waits for something not to happen begins with days", () => {
    const add = (trigger) => {
        const place = { parentKey: "1", branchKey: false, trigger };
        const [{ step }] = addStep(makeWorkflow(), rules, { key: "new", type: "email", place });
        return [step.values.interval_number, step.values.interval_type];
    };
    expect(add("mail_not_open")).toEqual([3, "days"]);
    expect(add("mail_open")).toEqual([undefined, undefined]);
});

test("a step that is moved onto a line", () => {
    const document = makeWorkflow();
    const after = done(document, moveOntoLine(document, rules, { key: "3", childKey: "2" }));
    expect(place(after, "3")).toEqual(["1", false, "mail_not_open"]);
    expect(after.get("3").values.interval_number).toBe(3);
    expect(place(after, "2")).toEqual(["3", false, "activity"]);
    expect(refusal(document, moveOntoLine(document, rules, { key: "1", childKey: "3" }))).not.toBe(
        ""
    );
});

test("a step goes alone: what followed it takes its place", () => {
    const document = makeWorkflow();
    const after = done(document, [
        ...leaveFollowers(document, rules, "2"),
        ...moveStep(document, rules, { key: "2", parentKey: "3", branchKey: false }),
    ]);
    // Its own trigger is one of text messages, and has its like in emails.
    expect(place(after, "3")).toEqual(["1", false, "mail_click"]);
    expect(place(after, "2")).toEqual(["3", false, "activity"]);
    const alone = done(after, takeOutStep(after, "5"));
    expect(alone.has("5")).toBe(false);
});

test("a step is taken out with all that follows it", () => {
    const document = makeWorkflow();
    expect([...done(document, takeOutStep(document, "2")).keys()]).toEqual(["1", "4", "5"]);
    expect(done(document, takeOutStep(document, "1")).size).toBe(0);
});

test("a move keeps what can be kept; moved back, it is as before", () => {
    const document = makeWorkflow();
    const text = (before, after, key) => getMoveText(rules, before, after, key);
    const start = move(document, "2", false);
    expect(place(start, "2")).toEqual([false, false, "begin"]);
    expect(start.get("2").values).toEqual(document.get("2").values);
    expect(text(document, start, "2")).toBe(
        "Moved to the start. It comes 3 hours later, whether or not: “Not opened”"
    );
    // By way of others, that know no emails either.
    const split = move(start, "2", "4");
    expect(place(split, "2")).toEqual(["4", false, "activity"]);
    expect(text(start, split, "2")).toBe("Moved under “Step 4”");
    const way = move(split, "2", "4", "4/2");
    expect(place(way, "2")).toEqual(["4", "4/2", "branch"]);
    expect(text(split, way, "2")).toBe("Moved to the branch “Way 2” of “Step 4”");
    const back = move(way, "2", "1");
    expect(show(back)).toEqual(show(document));
    expect(text(way, back, "2")).toBe("Moved under “Step 1”. It waits for “Not opened” again");
    // Another email knows it, too.
    expect(place(move(start, "2", "5"), "2")).toEqual(["5", false, "mail_not_open"]);
});

test("a move to another kind of message", () => {
    const document = makeWorkflow();
    const email = move(document, "3", "5");
    expect(place(email, "3")).toEqual(["5", false, "mail_click"]);
    expect(getMoveText(rules, document, email, "3")).toBe(
        "Moved under “Step 5”. It waits for “mail_click” instead of “Clicked”"
    );
    expect(show(move(email, "3", "2"))).toEqual(show(document));
    // What a text message does not know.
    const sms = done(document, [{ type: "add", step: step(6, "sms", { parent: 3 }) }]);
    const after = move(sms, "2", "4");
    expect(place(move(after, "2", "1"), "2")).toEqual(["1", false, "mail_not_open"]);
});

test("who chooses another trigger after a move has chosen it", () => {
    const document = makeWorkflow();
    let after = move(document, "2", "4");
    after = done(after, [
        {
            type: "place",
            key: "2",
            place: { ...getPlace(after.get("2")), branchKey: "4/1", trigger: "branch" },
        },
    ]);
    expect(place(move(after, "2", "1"), "2")).toEqual(["1", false, "activity"]);
});

const changeWays = (document, change) =>
    done(document, [{ type: "changeWays", key: "4", ways: change(document.get("4").ways) }]);
const changeWay = (document, wayKey, values) =>
    changeWays(document, (ways) =>
        ways.map((way) =>
            way.key === wayKey ? { ...way, values: { ...way.values, ...values } } : way
        )
    );

test("branches are drawn as their values say, in order", () => {
    const document = makeWorkflow();
    const added = changeWays(document, (ways) => [
        makeWay("rest", { branch_type: "otherwise", sequence: 0 }),
        ...ways,
        makeWay("new", { name: "First", sequence: 0 }),
    ]);
    const drawn = added.get("4").branches;
    expect(drawn.map(({ key }) => key)).toEqual(["4/new", "4/1", "4/2", "4/3", "4/rest"]);
    expect(drawn.map(({ id }) => id)).toEqual([false, 1, 2, 3, false]);
    expect(place(move(added, "3", "4", "4/new"), "3")).toEqual(["4", "4/new", "branch"]);
    const renamed = changeWay(added, "2", { name: "Other" });
    expect(getBranch(renamed.get("4"), "4/2").name).toBe("Other");
});

test("a branch is taken out with what follows on it, and comes back with it", () => {
    const document = move(makeWorkflow(), "3", "5");
    const after = done(document, takeOutWay(document, "4", "1"));
    expect([...after.keys()]).toEqual(["1", "2", "4"]);
    expect(after.get("4").ways.map(({ key }) => key)).toEqual(["2", "3"]);
    const history = record(EMPTY_HISTORY, "", document, after);
    const back = undo(history, after);
    expect(show(back.document)).toEqual(show(document));
    expect(back.document.get("4").branches).toEqual(document.get("4").branches);
    expect(show(redo(back.history, back.document).document)).toEqual(show(after));
});

test("a branch on which something comes is not taken out alone", () => {
    const document = makeWorkflow();
    const ways = document.get("4").ways.slice(1);
    expect(refusal(document, [{ type: "changeWays", key: "4", ways }])).toBe(
        "“Step 5” comes on that branch: move or delete it first."
    );
    expect(refusal(document, [{ type: "changeWays", key: "9", ways }])).not.toBe("");
});

test("what was done to branches, in words", () => {
    const document = makeWorkflow();
    const text = (change) => getChangeText(document, changeWays(document, change));
    expect(text((ways) => [...ways, makeWay("new")])).toBe("Added a branch of “Step 4”");
    expect(text((ways) => [...ways, makeWay("new", { name: "Won" })])).toBe(
        "Added the branch “Won” of “Step 4”"
    );
    expect(text((ways) => ways.slice(0, 2))).toBe("Deleted the branch “Way 3” of “Step 4”");
    expect(text((ways) => [ways[0]].concat(makeWay("new")))).toBe(
        "Changed the branches of “Step 4”"
    );
    const changeValues = (values) => (ways) =>
        ways.map((way, i) => (i ? way : { ...way, values: { ...way.values, ...values } }));
    expect(text(changeValues({ weight: 7 }))).toBe("Changed the branch “Way 1” of “Step 4”");
    expect(text(changeValues({ sequence: 7 }))).toBe(
        "Changed the order of the branches of “Step 4”"
    );
});

test("ways that come to be known later are no change", () => {
    const known = makeWorkflow();
    const unknown = new Map(known).set("4", { ...known.get("4"), ways: null });
    expect(record(EMPTY_HISTORY, "Opened", unknown, known)).toBe(EMPTY_HISTORY);
    expect(record(EMPTY_HISTORY, "Saved", known, unknown)).toBe(EMPTY_HISTORY);
    // What is undone once they are not known any more: the form was saved.
    const history = record(EMPTY_HISTORY, "", known, changeWay(known, "1", { weight: 7 }));
    expect(undo(history, unknown).document.get("4").ways).toEqual(known.get("4").ways);
});

test("undo and redo bring back what was before, and nothing else", () => {
    const start = makeWorkflow();
    const moved = move(start, "2", "4", "4/2");
    let history = record(EMPTY_HISTORY, "Moved", start, moved);
    const renamed = done(moved, [{ type: "change", key: "1", values: { name: "Hello" } }]);
    history = record(history, "Renamed", moved, renamed);
    const removed = done(renamed, takeOutStep(renamed, "4"));
    history = record(history, "Deleted", renamed, removed);
    expect(record(history, "Nothing", removed, new Map(removed))).toBe(history);

    const back = undo(history, removed);
    expect(back.label).toBe("Deleted");
    expect(show(back.document)).toEqual(show(renamed));
    const further = undo(back.history, back.document);
    expect(show(further.document)).toEqual(show(moved));
    const first = undo(further.history, further.document);
    expect(show(first.document)).toEqual(show(start));
    expect(undo(first.history, first.document)).toBe(undefined);
    const again = redo(first.history, first.document);
    expect(show(again.document)).toEqual(show(moved));
    // Another edit: what was undone is gone.
    const other = record(again.history, "Other", again.document, start);
    expect(other.future).toEqual([]);
});

test("fields that come to be known later are no change", () => {
    const before = makeWorkflow();
    const after = done(before, [{ type: "change", key: "1", values: { sms_text: "Hello" } }]);
    expect(record(EMPTY_HISTORY, "Opened", before, after)).toBe(EMPTY_HISTORY);
});

// ------------------------------------------------------------------------
// Random edits
// ------------------------------------------------------------------------

/** Edits that a person might make at this moment; not all of them are allowed. */
function makeRandomEdits(document, random, number) {
    const pick = (values) => values[Math.floor(random() * values.length)];
    const key = pick([...document.keys()]);
    const other = pick([false, ...document.keys()]);
    const branch = pick([false, ...(document.get(other)?.branches || [])]);
    const target = { parentKey: other, branchKey: branch && branch.key };
    const type = pick(["email", "sms", "action", "split", "wait", "exit", "goto"]);
    const added = `k${number}`;
    const fork = pick([...document.values()].filter(({ ways }) => ways?.length));
    const way = fork && pick(fork.ways);
    const editWays = (change) =>
        fork ? [{ type: "changeWays", key: fork.key, ways: change(fork.ways) }] : [];
    const editWay = (each, values) => makeWay(each.key, { ...each.values, ...values });
    const composers = {
        add: () => {
            const trigger = pick(rules.triggers).key;
            const branchKey = trigger === "branch" && target.branchKey;
            const place = { ...target, branchKey, trigger };
            return addStep(document, rules, { key: added, type, place });
        },
        insert: () => insertStep(document, rules, { key: added, type, childKey: key }),
        move: () => moveStep(document, rules, { key, ...target }),
        moveAlone: () => [
            ...leaveFollowers(document, rules, key),
            ...moveStep(document, rules, { key, ...target }),
        ],
        moveOntoLine: () => (other ? moveOntoLine(document, rules, { key, childKey: other }) : []),
        takeOut: () => (random() < 0.3 ? takeOutStep(document, key) : []),
        change: () => [
            { type: "change", key, values: { name: `Name ${number}`, interval_number: number } },
        ],
        addWay: () =>
            editWays((ways) => [...ways, makeWay(`w${number}`, { sequence: number % 7 })]),
        changeWay: () =>
            editWays((ways) =>
                ways.map((each) => (each === way ? editWay(each, { weight: number }) : each))
            ),
        orderWays: () =>
            editWays((ways) =>
                ways.map((each) => editWay(each, { sequence: Math.floor(random() * 9) }))
            ),
        takeOutWay: () => (fork ? takeOutWay(document, fork.key, way.key) : []),
    };
    const edits = key ? composers[pick(Object.keys(composers))]() : composers.add();
    return edits.map((edit) => (edit.type === "add" ? fillIn(edit) : edit));
}

/** The form knows all values of a new step. */
function fillIn({ type, step: added }) {
    const values = { interval_number: 0, interval_type: "hours", time_of_day: 0, ...added.values };
    const isFork = values.activity_type === "split";
    const ways = ["a", "b"].filter(() => isFork).map((key) => makeWay(key, { name: key }));
    return { type, step: withWays({ ...added, values }, ways) };
}

/** Steps that cannot be reached from the start, or wait for what cannot happen. */
function getFaults(document) {
    const drawn = flatten(buildTree([...document.values()]));
    const isLost = ({ step: each, parent }) => each && parent.key === "start" && each.parentKey;
    return [
        ...drawn.filter(isLost).map(({ key }) => `${key} is lost`),
        ...[...document.values()].map(
            (each) =>
                canApply(document, { type: "place", key: each.key, place: each }, rules).reason
        ),
    ].filter(Boolean);
}

test("random edits with undo and redo: the workflow is that of the edits that remain", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    for (let round = 0; round < 30; round++) {
        const random = makeRandom(seed + round);
        const start = makeWorkflow();
        let [document, history] = [start, EMPTY_HISTORY];
        let [edits, position] = [[], 0];
        for (let number = 0; number < 60; number++) {
            const chance = random();
            const direction = chance < 0.25 ? undo : chance < 0.4 ? redo : null;
            const result = direction?.(history, document);
            if (result) {
                ({ history, document } = result);
                position += direction === undo ? -1 : 1;
            } else if (!direction) {
                const made = makeRandomEdits(document, random, number);
                const after = applyAll(document, made, rules).document;
                const recorded = after ? record(history, "", document, after) : history;
                if (recorded !== history) {
                    edits = [...edits.slice(0, position), made];
                    position++;
                    history = recorded;
                    document = after;
                }
            }
        }
        const rebuilt = done(start, edits.slice(0, position).flat());
        const message = `seed ${seed}, round ${round}`;
        expect(JSON.stringify(show(document))).toBe(JSON.stringify(show(rebuilt)), { message });
        expect(getFaults(document)).toEqual([], { message });
    }
});

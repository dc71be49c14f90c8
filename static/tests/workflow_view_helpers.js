/** A workflow on its own, which tells what is done in it. */

import { expect } from "@odoo/hoot";
import { contains, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { WorkflowView } from "@marketing_automation/workflow/workflow_view";
import { RULES, makeBranch, makeSplit, makeStep } from "./workflow_test_helpers";

export const STEPS = [
    makeStep(1, { name: "Welcome" }),
    makeStep(2, {
        name: "Reminder",
        parentKey: "1",
        trigger: "mail_not_open",
        delay: 2,
        delayUnit: "days",
    }),
    makeStep(3, { name: "Tag", parentKey: "1", trigger: "mail_open", type: "action", sort: 1 }),
    makeStep(4, { name: "Text", parentKey: "3", trigger: "activity", type: "sms" }),
];
const ACTIONS = [
    "open",
    "add",
    "remove",
    "duplicate",
    "move",
    "openFigure",
    "openMatching",
    "run",
    "simulate",
    "takeWay",
];

export async function mountWorkflow(props = {}) {
    const actions = Object.fromEntries(
        ACTIONS.map((name) => [
            name,
            (...args) => {
                const words = args
                    .flat()
                    .map((arg) =>
                        arg && typeof arg === "object" ? (arg.name ?? arg.id ?? arg.type) : arg
                    )
                    .filter((word) => word !== undefined);
                expect.step([name, ...words].join(" "));
            },
        ])
    );
    return mountWithCleanup(WorkflowView, {
        props: { steps: STEPS, rules: RULES, actions, ...props },
    });
}

/** Choose a type in the menu of a "+". */
export const addStep = (type) => contains(`.o_mwf_step_menu [data-type='${type}']`).click();

export const STEERING = [
    makeStep(1, { name: "Welcome" }),
    makeSplit(2, { name: "Which", parentKey: "1", trigger: "activity" }),
    makeStep(3, { name: "Offer", parentKey: "2", trigger: "branch", branchKey: "2/1" }),
    makeStep(4, {
        name: "Wait",
        type: "wait",
        parentKey: "2",
        trigger: "branch",
        branchKey: "2/2",
        delay: 2,
        branches: [
            makeBranch(4, 4, { type: "met", description: "Met" }),
            makeBranch(4, 5, { type: "timeout", description: "Time's up" }),
        ],
    }),
    makeStep(5, {
        name: "Enough",
        type: "exit",
        parentKey: "4",
        trigger: "branch",
        branchKey: "4/4",
    }),
    makeStep(6, {
        name: "Again",
        type: "goto",
        parentKey: "4",
        trigger: "branch",
        branchKey: "4/5",
        gotoKey: "1",
    }),
];
export const way = (key) => `.o_mwf_way[data-key='${key}']`;
export const add = (key) => `.o_mwf_add[data-key='${key}']`;

import { Component, onRendered, useState, xml } from "@odoo/owl";
import { advanceTime, expect, getFixture, test } from "@odoo/hoot";
import { animationFrame, press, queryAll, queryFirst } from "@odoo/hoot-dom";
import { contains, mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { WorkflowCard } from "@marketing_automation/workflow/workflow_card";
import { WorkflowView } from "@marketing_automation/workflow/workflow_view";
import { RULES, card, makeStep } from "./workflow_test_helpers";
import { STEPS, mountWorkflow } from "./workflow_view_helpers";

defineMailModels();

test.tags("desktop");
test("right to left", async () => {
    await mountWorkflow();
    const isLeft = () =>
        queryFirst(card("Reminder")).getBoundingClientRect().x <
        queryFirst(card("Tag")).getBoundingClientRect().x;
    expect(isLeft()).toBe(true);
    patchWithCleanup(localization, { direction: "rtl" });
    queryFirst(".o_marketing_workflow").remove();
    await mountWorkflow();
    expect(isLeft()).toBe(false);
});

test.tags("desktop");
test("right to left: the zoom stays where it is, though style sheets are mirrored", async () => {
    patchWithCleanup(localization, { direction: "rtl" });
    await mountWorkflow();
    // What becomes of an origin at the left.
    const sheet = document.createElement("style");
    sheet.textContent = ".o_marketing_workflow .o_mwf_stage { transform-origin: 100% 0; }";
    getFixture().append(sheet);
    const getMiddle = (selector) => {
        const { left, width } = queryFirst(selector).getBoundingClientRect();
        return left + width / 2;
    };
    const isMiddle = () => Math.abs(getMiddle(".o_mwf_start") - getMiddle(".o_mwf_viewport")) < 1.5;
    expect(isMiddle()).toBe(true);
    for (let count = 0; count < 3; count++) {
        await contains(".o_mwf_toolbar button[aria-label='Zoom out']").click();
    }
    await advanceTime(200);
    expect(isMiddle()).toBe(true);
});

test.tags("desktop");
test("zoom and full screen", async () => {
    await mountWorkflow();
    const getWidth = () => queryFirst(card("Welcome")).getBoundingClientRect().width;
    const width = getWidth();
    await contains(".o_mwf_toolbar button[aria-label='Zoom out']").click();
    expect(getWidth()).toBeLessThan(width);
    await contains(".o_mwf_toolbar button[aria-label='Full screen']").click();
    expect(".o_marketing_workflow").toHaveClass("o_mwf_expanded");
    await press("Escape");
    await animationFrame();
    expect(".o_marketing_workflow").not.toHaveClass("o_mwf_expanded");
});

/** A workflow with room of its own, in which what stands beside it opens and closes. */
class Page extends Component {
    static components = { WorkflowView };
    static props = ["*"];
    static template = xml`
        <div t-att-style="'display: flex; height: 600px; width: ' + props.width + 'px;'">
            <WorkflowView t-props="props.view" selectedKey="state.selectedKey">
                <t t-set-slot="panel">
                    <div t-if="state.selectedKey" class="o_mwf_side flex-shrink-0" style="width: 400px;"/>
                </t>
            </WorkflowView>
        </div>`;

    setup() {
        this.state = useState({ selectedKey: null });
    }
}

async function mountPage({ width, direction = "ltr", steps = STEPS }) {
    patchWithCleanup(localization, { direction });
    const view = { steps, rules: RULES, actions: { open() {} } };
    const page = await mountWithCleanup(Page, { props: { width, view } });
    queryFirst(".o_marketing_workflow").parentElement.style.direction = direction;
    queryFirst(".o_marketing_workflow").style.flex = "1 1 auto";
    const settle = async () => {
        for (let count = 0; count < 4; count++) {
            await animationFrame();
        }
    };
    await settle();
    return {
        async select(selectedKey) {
            page.state.selectedKey = selectedKey;
            await settle();
        },
    };
}

const PALETTE = ".o_mwf_palette";
const isFolded = () => queryFirst(PALETTE).classList.contains("o_mwf_palette_folded");

test.tags("desktop");
test("where the panel leaves little room, the palette is narrow and there is no map", async () => {
    const { select } = await mountPage({ width: 1280, steps: makeChain(40) });
    expect(isFolded()).toBe(false);
    expect(".o_mwf_minimap").toHaveCount(1);
    await select("1");
    expect(isFolded()).toBe(true);
    expect(".o_mwf_minimap").toHaveCount(0);
    // Who wants the names can have them meanwhile.
    await contains(".o_mwf_palette_fold").click();
    expect(isFolded()).toBe(false);
    await select(null);
    expect(isFolded()).toBe(false);
    expect(".o_mwf_minimap").toHaveCount(1);
    await select("1");
    expect(isFolded()).toBe(true);
    await select(null);
    // What one has chosen holds where there is room.
    await contains(".o_mwf_palette_fold").click();
    await select("1");
    await select(null);
    expect(isFolded()).toBe(true);
});

test.tags("desktop");
test("where there is enough room, the panel changes neither", async () => {
    const { select } = await mountPage({ width: 1500, steps: makeChain(40) });
    await select("1");
    expect(isFolded()).toBe(false);
    expect(".o_mwf_minimap").toHaveCount(1);
});

for (const direction of ["ltr", "rtl"]) {
    test.tags("desktop");
    test(`what one has clicked stays under the pointer when the panel opens: ${direction}`, async () => {
        const { select } = await mountPage({ width: 1280, direction });
        const getLeft = () => queryFirst(card("Welcome")).getBoundingClientRect().left;
        const before = getLeft();
        await select("1");
        expect(PALETTE).toHaveClass("o_mwf_palette_folded");
        expect(Math.abs(getLeft() - before)).toBeLessThan(1.5);
        await select(null);
        expect(Math.abs(getLeft() - before)).toBeLessThan(1.5);
    });
}

/** A step that follows another, and another... */
const makeChain = (length) =>
    Array.from({ length }, (_, index) =>
        makeStep(index + 1, { parentKey: index ? `${index}` : false, trigger: "activity" })
    );

test.tags("desktop");
test("full screen shows the whole drawing", async () => {
    await mountWorkflow({ steps: makeChain(12) });
    await contains(".o_mwf_toolbar button[aria-label='Full screen']").click();
    await animationFrame();
    const { top, bottom } = queryFirst(".o_mwf_viewport").getBoundingClientRect();
    expect(queryFirst(card("Step 1")).getBoundingClientRect().top).toBeGreaterThan(top);
    expect(queryFirst(card("Step 12")).getBoundingClientRect().bottom).toBeLessThan(bottom);
});

test.tags("desktop");
test("Ctrl and the wheel zoom about the pointer, little by little", async () => {
    await mountWorkflow();
    const target = queryFirst(card("Tag"));
    const getCorner = () => target.getBoundingClientRect();
    const before = getCorner();
    const wheel = (deltaY) =>
        target.dispatchEvent(
            new WheelEvent("wheel", {
                bubbles: true,
                cancelable: true,
                ctrlKey: true,
                deltaY,
                clientX: before.left,
                clientY: before.top,
            })
        );
    wheel(-20);
    wheel(-30);
    await animationFrame();
    const after = getCorner();
    expect(Math.abs(after.width / before.width - 2 ** (0.002 * 50))).toBeLessThan(0.001);
    expect(Math.abs(after.left - before.left)).toBeLessThan(1.5);
    expect(Math.abs(after.top - before.top)).toBeLessThan(1.5);
});

test.tags("desktop");
test("tools stay in place while one scrolls; a map says where one is", async () => {
    await mountWorkflow();
    expect(".o_mwf_minimap").toHaveCount(0);
    await mountWorkflow({ steps: makeChain(40) });
    await animationFrame();
    const tools = queryFirst(".o_marketing_workflow:last .o_mwf_sight");
    const { top } = tools.getBoundingClientRect();
    const viewport = queryFirst(".o_marketing_workflow:last .o_mwf_viewport");
    const frame = () => queryFirst(".o_mwf_minimap_frame").getBoundingClientRect();
    const before = frame();
    viewport.scrollTop += 600;
    await animationFrame();
    await animationFrame();
    expect(tools.getBoundingClientRect().top).toBe(top);
    expect(frame().top).toBeGreaterThan(before.top);
    for (const rect of queryAll(".o_mwf_minimap rect:not(.o_mwf_minimap_frame)")) {
        expect(Number(rect.getAttribute("width"))).toBeGreaterThan(3.99);
        expect(Number(rect.getAttribute("height"))).toBeGreaterThan(1.99);
    }
});

test.tags("desktop");
test("find steps by name and content, and jump from hit to hit", async () => {
    await mountWorkflow({
        steps: [
            makeStep(1, { name: "Welcome" }),
            makeStep(2, { name: "Offer", content: "Welcome gift", parentKey: "1" }),
            makeStep(3, { name: "Goodbye", parentKey: "2" }),
        ],
    });
    queryFirst(card("Goodbye")).focus();
    await press(["ctrl", "f"]);
    await animationFrame();
    expect(".o_mwf_search_input").toBeFocused();
    await contains(".o_mwf_search_input").edit("WELC", { confirm: false });
    expect(".o_mwf_search_count").toHaveText("1 of 2");
    expect(card("Goodbye")).not.toHaveClass("o_mwf_flash");
    expect(queryFirst(".o_mwf_card[data-key='1']")).toHaveClass("o_mwf_flash");
    await press("Enter");
    await animationFrame();
    expect(".o_mwf_search_count").toHaveText("2 of 2");
    expect(".o_mwf_card[data-key='2']").toHaveClass("o_mwf_flash");
    await press("Escape");
    await animationFrame();
    expect(".o_mwf_search").toHaveCount(0);
    expect(".o_mwf_card[data-key='2']").toBeFocused();
});

test.tags("desktop");
test("zooming and dragging draw no card anew; the keyboard the two that it leaves and enters", async () => {
    const drawn = new Set();
    patchWithCleanup(WorkflowCard.prototype, {
        setup() {
            super.setup();
            onRendered(() => drawn.add(this.props.step.name));
        },
    });
    await mountWorkflow();
    queryFirst(card("Reminder")).focus();
    await animationFrame();
    drawn.clear();
    await contains(".o_mwf_toolbar button[aria-label='Zoom out']").click();
    const { drop, moveTo } = await contains(card("Reminder")).drag();
    await moveTo(card("Welcome"));
    await drop();
    expect([...drawn]).toEqual([]);
    queryFirst(card("Tag")).focus();
    await animationFrame();
    drawn.clear();
    await press("ArrowDown");
    await animationFrame();
    expect([...drawn].sort()).toEqual(["Tag", "Text"]);
});

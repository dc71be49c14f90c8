import { describe, expect, test } from "@odoo/hoot";
import {
    buildTree,
    flatten,
    getEdgePath,
    isWithin,
    layoutTree,
    START,
} from "@marketing_automation/workflow/workflow_layout";
import { getNeighbour } from "@marketing_automation/workflow/workflow_navigation";

describe.current.tags("headless");

const makeBranches = (key, ...names) => names.map((name) => ({ key: `${key}/${name}` }));
const SIZE = { width: 100, height: 50 };
const lay = (steps, options) => layoutTree(buildTree(steps), () => SIZE, options);

function getOverlaps(boxes) {
    const all = [...boxes.values()];
    return all.filter((a, i) =>
        all
            .slice(i + 1)
            .some(
                (b) =>
                    a.x < b.x + b.width &&
                    b.x < a.x + a.width &&
                    a.y < b.y + b.height &&
                    b.y < a.y + a.height
            )
    );
}

/** Steps of a workflow without any pattern, but the same at each run. */
function makeWildSteps(count) {
    let seed = 7;
    const random = (limit) => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return seed % limit;
    };
    return Array.from({ length: count }, (_, i) => ({
        key: `${i + 1}`,
        parentKey: i && random(5) ? `${1 + random(i)}` : false,
    }));
}

test("children are below their parent, in the order of their delay", () => {
    const { boxes } = lay([
        { key: "late", parentKey: "a", sort: 48 },
        { key: "a" },
        { key: "soon", parentKey: "a", sort: 1 },
    ]);
    expect(boxes.get("a").y).toBeGreaterThan(boxes.get(START).y);
    expect(boxes.get("soon").y).toBeGreaterThan(boxes.get("a").y + SIZE.height);
    expect(boxes.get("late").y).toBe(boxes.get("soon").y);
    expect(boxes.get("soon").x).toBeLessThan(boxes.get("late").x);
});

test("a parent is in the middle of its children", () => {
    const { boxes } = lay([
        { key: "a" },
        { key: "b", parentKey: "a" },
        { key: "c", parentKey: "a" },
    ]);
    expect(boxes.get("a").x).toBe((boxes.get("b").x + boxes.get("c").x) / 2);
});

test("cards never touch, whatever the workflow", () => {
    for (const count of [1, 10, 60, 150]) {
        const { boxes, width, height } = lay(makeWildSteps(count));
        expect(boxes.size).toBe(count + 1);
        expect(getOverlaps(boxes)).toHaveLength(0);
        for (const box of boxes.values()) {
            expect(box.x >= 0 && box.x + box.width <= width).toBe(true);
            expect(box.y >= 0 && box.y + box.height <= height).toBe(true);
        }
    }
});

test("for languages from right to left it is mirrored", () => {
    const steps = makeWildSteps(20);
    const plain = lay(steps);
    const mirrored = lay(steps, { isMirrored: true });
    expect(mirrored.width).toBe(plain.width);
    for (const [key, box] of plain.boxes) {
        expect(mirrored.boxes.get(key).x).toBe(plain.width - box.x - box.width);
    }
});

test("nothing disappears: lost parents and circles hang on the start", () => {
    const tree = buildTree([
        { key: "a", parentKey: "gone" },
        { key: "b", parentKey: "c" },
        { key: "c", parentKey: "b" },
    ]);
    expect(
        flatten(tree)
            .map(({ key }) => key)
            .sort()
    ).toEqual(["a", "b", "c", "start"]);
    expect(tree.size).toBe(3);
});

test("lines begin below the parent and end above the child", () => {
    const parent = { x: 0, y: 0, width: 100, height: 50 };
    expect(getEdgePath(parent, { ...parent, y: 200 })).toBe("M 50 50 V 200");
    const aside = getEdgePath(parent, { ...parent, x: 300, y: 200 });
    expect(aside.startsWith("M 50 50 ")).toBe(true);
    expect(aside.endsWith("V 200")).toBe(true);
});

test("whether a point is on a card", () => {
    const box = { x: 10, y: 10, width: 20, height: 20 };
    expect(isWithin(box, { x: 15, y: 15 })).toBe(true);
    expect(isWithin(box, { x: 5, y: 15 })).toBe(false);
    expect(isWithin(box, { x: 5, y: 15 }, 6)).toBe(true);
});

test("arrow keys follow the drawing", () => {
    const tree = buildTree([
        { key: "a" },
        { key: "b", sort: 1 },
        { key: "a1", parentKey: "a" },
        { key: "b1", parentKey: "b" },
    ]);
    const node = (key) => flatten(tree).find((n) => n.key === key);
    const go = (key, arrow, isMirrored) => getNeighbour(node(key), arrow, isMirrored)?.key;
    expect(go(START, "ArrowDown")).toBe("a");
    expect(go("a", "ArrowRight")).toBe("b");
    expect(go("a", "ArrowLeft", true)).toBe("b");
    expect(go("a1", "ArrowRight")).toBe("b1");
    expect(go("b1", "ArrowUp")).toBe("b");
    expect(go("b1", "ArrowRight")).toBe(undefined);
    expect(go("b1", "x")).toBe(undefined);
});

test("branches are between a step and what hangs on them, also where nothing does", () => {
    const tree = buildTree([
        { key: "follower", parentKey: "split", branchKey: "split/b" },
        { key: "always", parentKey: "split", sort: 5 },
        { key: "split", branches: makeBranches("split", "a", "b") },
        { key: "lost", parentKey: "split", branchKey: "split/gone" },
    ]);
    const [split] = tree.children;
    expect(split.children.map(({ key }) => key)).toEqual(["split/a", "split/b", "lost", "always"]);
    const [a, b] = split.children;
    expect(a.children).toEqual([]);
    expect(b.children.map(({ key }) => key)).toEqual(["follower"]);
    expect([b.step, b.branch.key, b.size]).toEqual([null, "split/b", 1]);
    expect([split.size, tree.size]).toEqual([4, 4]);
    const { boxes } = layoutTree(tree, () => SIZE);
    expect(boxes.get("split/a").y).toBe(boxes.get("split/b").y);
    expect(boxes.get("split/a").x).toBeLessThan(boxes.get("split/b").x);
    expect(boxes.get("follower").x).toBe(boxes.get("split/b").x);
    expect(boxes.get("follower").y).toBeGreaterThan(boxes.get("split/b").y + SIZE.height);
    expect(getOverlaps(boxes)).toEqual([]);
});

test("wild workflows with branches do not overlap", () => {
    const steps = makeWildSteps(150).map((step, i) => ({
        ...step,
        branches: i % 3 ? [] : makeBranches(step.key, "a", "b", "c"),
    }));
    for (const step of steps) {
        const parent = steps.find(({ key }) => key === step.parentKey);
        step.branchKey = parent?.branches[step.key % 4]?.key || false;
    }
    const { boxes } = lay(steps);
    expect(boxes.size).toBe(1 + 150 + 3 * 50);
    expect(getOverlaps(boxes)).toEqual([]);
});

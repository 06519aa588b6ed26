/** Places of boxes: whole, in order, and precise at the deepest zoom. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { spacesOf } from "../../src/model/documents.js";
import { nodeAt } from "../../src/model/node.js";
import { MOST_BOXES, boxes, pixels } from "../../src/view/boxes.js";
import { shorten } from "../../src/view/labels.js";
import { Layout } from "../../src/view/layout.js";
import { PLANS, document, json, mappings } from "../oracle.js";

const HEIGHT = 800;

for (const name of [...PLANS, "audit"]) {
    const [space] = spacesOf(document(name));
    const layout = new Layout(space.root);
    const zoomTo = (node) => {
        const { top, height } = layout.place(node);
        const k = Math.min(1e11, 0.8 / height);
        return { layout, morph: null, width: 300, height: HEIGHT, zoom: { k, y: HEIGHT / 2 - (top + height / 2) * HEIGHT * k } };
    };

    test(`${name}: children fill their parent's place, the highest address on top`, () => {
        const visit = (node) => {
            const { top, height } = layout.place(node);
            let at = top;
            for (const child of [...node.children].reverse()) {
                const place = layout.place(child);
                assert.ok(Math.abs(place.top - at) < 1e-9 * Math.max(height, 1e-6) + 1e-15, child.key);
                at += place.height;
            }
            if (node.children.length > 0) assert.ok(Math.abs(at - top - height) < 1e-9 * height + 1e-15, node.key);
            if (!node.even) node.children.forEach(visit);
        };
        visit(layout.root);
    });

    test(`${name}: each view has few boxes, and every leaf can fill it`, () => {
        assert.ok(boxes({ layout, morph: null, width: 300, height: HEIGHT, zoom: { k: 1, y: 0 } }).length <= MOST_BOXES);
        for (const { virt, size } of mappings(json(name))) {
            for (const address of [virt, virt + size / 2n, virt + size - 1n]) {
                const leaf = nodeAt(space.root, address);
                const view = zoomTo(leaf);
                const { top, bottom } = pixels(view, layout.place(leaf));
                assert.ok(Math.abs(bottom - top - 0.8 * HEIGHT) < 1, `${leaf.key} has ${bottom - top} pixels`);
                const seen = boxes(view);
                assert.ok(seen.some(({ node }) => node === leaf), leaf.key);
                assert.ok(seen.length <= MOST_BOXES);
                for (const { x, width } of seen) assert.ok(x >= -0.01 && x + width <= 300.01, `${x} + ${width}`);
            }
        }
    });
}

test("thousands of regions are drawn, and each is reached", () => {
    const one = (index) => ({ virtual: `0x${(0xffffffc800000000n + BigInt(index) * 0x10000n).toString(16)}`, physical: `0x${(0x80000000n + BigInt(index) * 0x4000n).toString(16)}`, size: 4096 * (1 + (index % 3)), access: "RW-", flags: "-GAD", memory: "default", leaf: "4K" });
    const all = Array.from({ length: 5000 }, (_, index) => one(index));
    const region = { kind: "dynamic", name: "dynamic", virtual: all[0].virtual, size: 5000 * 0x10000, parts: [], splits: { listed: [] } };
    const audit = { audit_format: 1, roots: [{ mode: "sv39", regions: [region], mappings: all }], findings: [] };
    const [space] = spacesOf({ kind: "audit", title: "many", json: audit, request: null, command: null });
    for (const root of [space.root, space.physical]) {
        const view = { layout: new Layout(root), morph: null, width: 300, height: HEIGHT, zoom: { k: 1, y: 0 } };
        const seen = boxes(view);
        assert.ok(seen.some(({ node }) => node.kind !== "gap" && node.kind !== "half"), "something mapped is drawn");
        for (const { virt, phys } of mappings(audit).filter((_, index) => index % 500 === 7)) {
            const node = nodeAt(root, root === space.root ? virt : phys);
            assert.ok(["leaf", "part", "piece"].includes(node.kind), node.kind);
        }
    }
});

test("a shortened name keeps the number at its end", () => {
    assert.equal(shorten("stack 12", 8), "stack 12");
    assert.equal(shorten("stack 12", 6), "sta…12");
    assert.equal(shorten("stack 12", 3), "…12");
    assert.equal(shorten("alias of text and constants", 9), "alias of…");
    assert.equal(shorten("stack 12", 1), "");
});

/** The tree of a document, beside its JSON. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { spacesOf } from "../../src/model/documents.js";
import { Ranges } from "../../src/model/ranges.js";
import { runs } from "../../src/model/runs.js";
import { end, nodeAt, path } from "../../src/model/node.js";
import { largeAudit } from "../large.js";
import { LEAF, PLANS, document, generator, json, mappings } from "../oracle.js";

const ALL = [...PLANS, "audit"];

/** Visits each node, leaves of page tables too. */
function visit(node, use) {
    use(node);
    node.children.forEach((child) => visit(child, use));
}

for (const name of ALL) {
    const [space] = spacesOf(document(name));

    test(`${name}: children divide each node without gaps and overlaps`, () => {
        for (const root of [space.root, space.physical]) {
            visit(root, (node) => {
                if (node.children.length === 0) return;
                assert.equal(node.children[0].start, node.start, node.key);
                assert.equal(end(node.children.at(-1)), end(node), node.key);
                for (const [index, child] of node.children.entries()) {
                    assert.ok(child.size > 0n, child.key);
                    assert.equal(child.parent, node);
                    if (index > 0) assert.equal(end(node.children[index - 1]), child.start, child.key);
                }
                assert.ok(node.children.length <= 513, `${node.key} has ${node.children.length} children`);
            });
        }
        assert.equal(space.root.size, 1n << 64n);
    });

    test(`${name}: the leaves are those of the mappings, with their memory and permission`, () => {
        const right = mappings(json(name)).flatMap(({ virt, phys, size, leaf, access }) => {
            const unit = 1n << LEAF[leaf];
            return Array.from({ length: Number(size / unit) }, (_, at) => `${virt + BigInt(at) * unit} ${phys + BigInt(at) * unit} ${leaf} ${access}`);
        });
        const found = [];
        visit(space.root, (node) => {
            const isSingle = node.leaf !== null && node.children.length === 0;
            if (isSingle) found.push(`${node.start} ${node.phys} ${node.leaf} ${node.access}`);
        });
        assert.deepEqual(found.sort(), right.sort());
    });

    test(`${name}: keys name one node each, and begin with the parent's`, () => {
        const seen = new Set();
        for (const root of [space.root, space.physical]) {
            visit(root, ({ key, parent }) => {
                assert.ok(!seen.has(key), key);
                assert.ok(parent === null || key.startsWith(parent.key + "/"), key);
                seen.add(key);
            });
        }
    });

    test(`${name}: an address leads to the leaf that maps it`, () => {
        const next = generator(7);
        for (const mapping of mappings(json(name))) {
            for (let round = 0; round < 20; round += 1) {
                const offset = ((BigInt(next()) << 32n) | BigInt(next())) % mapping.size;
                const node = nodeAt(space.root, mapping.virt + offset);
                assert.equal(node.phys + (mapping.virt + offset - node.start), mapping.phys + offset);
                assert.equal(node.access, mapping.access);
                assert.ok(node.size <= 1n << LEAF[mapping.leaf]);
                assert.equal(path(node)[0], space.root);
            }
        }
    });
}

test("the regions of a plan are the nodes of its half", () => {
    for (const name of PLANS) {
        const [space] = spacesOf(document(name));
        const upper = space.root.children.at(-1);
        const right = json(name).regions.map(({ virtual, size }) => `${BigInt(virtual)} ${BigInt(size)}`);
        assert.deepEqual(upper.children.map(({ start, size }) => `${start} ${size}`), right);
    }
});

test("a large audit is made as it is opened, and each group has as many children as it states", () => {
    const audit = { kind: "audit", title: "large", json: largeAudit(4000), request: null, command: null };
    const [space] = spacesOf(audit);
    const right = mappings(audit.json);
    const groups = [];
    for (const root of [space.root, space.physical]) {
        const ends = [];
        const open = (node) => {
            if (node.count !== null) groups.push(node);
            if (node.even) return ends.push(node);
            for (const [index, child] of node.children.entries()) {
                assert.equal(child.start, index === 0 ? node.start : end(node.children[index - 1]), child.key);
                assert.ok(child.key.startsWith(`${node.key}/`));
                open(child);
            }
            if (node.children.length > 0) assert.equal(end(node.children.at(-1)), end(node), node.key);
        };
        open(root);
        assert.equal(new Set(ends.map(({ key }) => key)).size, ends.length);
        for (const { virt, phys, size } of right) {
            const [start, stop] = root === space.root ? [virt, virt + size] : [phys, phys + size];
            let at = start;
            for (let node; at < stop; at = end(node)) {
                node = nodeAt(root, at, ({ kind }) => kind !== "leaf" && kind !== "table");
                assert.ok(node.access !== null, `0x${at.toString(16)}`);
            }
        }
    }
    assert.ok(groups.length > 100);
    const leaves = (node) => (node.count === null ? 1 : node.children.reduce((sum, child) => sum + leaves(child), 0));
    for (const group of groups) assert.equal(leaves(group), group.count, group.key);
});

test("a search in ranges is that of all of them", () => {
    const next = generator(3);
    for (let round = 0; round < 200; round += 1) {
        const range = () => ({ start: BigInt(next() % 60), size: BigInt(1 + (next() % 6)) });
        const all = Array.from({ length: next() % 12 }, range);
        const ranges = new Ranges(all);
        for (let turn = 0; turn < 20; turn += 1) {
            const { start, size } = range();
            assert.equal(ranges.overlap(start, size), all.some((one) => one.start < start + size && start < one.start + one.size));
        }
    }
});

test("a run of one kind of memory is one node, with its pieces", () => {
    const [space] = spacesOf(document("plan-64-harts"));
    const own = space.physical.children.flatMap(({ children }) => children);
    assert.equal(own.filter(({ label }) => label.startsWith("stack")).length, 1);
    const run = own.find(({ label }) => label === "stack 0 to stack 63");
    assert.deepEqual(run.children.map(({ label }) => label), Array.from({ length: 64 }, (_, index) => `stack ${index}`));
    const piece = (name) => ({ name, access: "RW-" });
    const alternating = Array.from({ length: 40 }, (_, index) => piece(index % 3 === 0 ? "linear map" : "dynamic region"));
    assert.deepEqual(runs([piece("data"), ...alternating], (one) => one).map(({ length }) => length), [1, 40]);
});

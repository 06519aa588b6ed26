/** Differences, beside a comparison page by page. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compareMappings, compareValues } from "../../src/model/compare.js";
import { spacesOf } from "../../src/model/documents.js";
import { compareRegions, pairRegions } from "../../src/model/regions.js";
import { PLANS, document, generator, json } from "../oracle.js";

const PAGE = 4096n;

/** Makes mappings of some of 64 pages. */
function draw(next) {
    const all = [];
    for (let page = 0n; page < 64n; ) {
        const count = BigInt(1 + (next() % 5));
        if (next() % 3 !== 0) {
            const access = ["RW-", "R-X", "R--"][next() % 3];
            const leaf = next() % 4 === 0 ? "64K" : "4K";
            const flags = next() % 4 === 0 ? "" : ["-GAD", "--AD"][next() % 2];
            all.push({ virt: page * PAGE, phys: BigInt(next() % 4) * (1n << 30n) + page * PAGE, size: count * PAGE, access, flags, memory: "default", leaf });
        }
        page += count;
    }
    return all;
}

/** Returns the aspects in which a page differs, from the two lists alone. */
function right(a, b, at) {
    const [ours, theirs] = [a, b].map((all) => all.find(({ virt, size }) => virt <= at && at < virt + size));
    if (!ours && !theirs) return "";
    if (!ours || !theirs) return "presence";
    const aspects = [];
    if (ours.phys + at - ours.virt !== theirs.phys + at - theirs.virt) aspects.push("memory");
    if (ours.access !== theirs.access) aspects.push("permission");
    if (ours.flags && theirs.flags && ours.flags !== theirs.flags) aspects.push("attributes");
    if (ours.leaf !== theirs.leaf) aspects.push("leaf");
    return aspects.join();
}

test("each page differs as its mappings do", () => {
    const next = generator(11);
    let differing = 0;
    for (let round = 0; round < 300; round += 1) {
        const [a, b] = [draw(next), draw(next)];
        const found = compareMappings(a, b);
        for (let page = 0n; page < 70n; page += 1n) {
            const at = page * PAGE;
            const own = found.filter(({ virt, size }) => virt <= at && at < virt + size);
            assert.ok(own.length <= 1);
            assert.equal(own[0]?.aspects.join() ?? "", right(a, b, at));
            differing += own.length;
        }
    }
    assert.ok(differing > 1000);
});

test("a document does not differ from itself", () => {
    for (const name of PLANS) {
        const [space] = spacesOf(document(name));
        const [same] = spacesOf(document(name));
        assert.deepEqual(compareMappings(space.mappings, same.mappings), []);
        assert.deepEqual(compareRegions(space, same), []);
        assert.deepEqual(compareValues(json(name), json(name)), []);
    }
});

test("two seeds differ by the regions that moved", () => {
    const [a] = spacesOf(document("plan-sv48"));
    const [b] = spacesOf(document("plan-sv48-seed"));
    const starts = (name) => new Map(json(name).regions.filter(({ kind }) => kind !== "guard" && kind !== "unused").map(({ kind, virtual }) => [kind, virtual]));
    const [ours, theirs] = [starts("plan-sv48"), starts("plan-sv48-seed")];
    const moved = [...ours.keys()].filter((kind) => ours.get(kind) !== theirs.get(kind));
    const found = compareRegions(a, b).filter(({ a: node }) => node.kind === "region");
    assert.deepEqual(found.map(({ a: node }) => node.role).sort(), moved.sort());
    for (const { a: node, text } of found) assert.ok(text.includes(`0x${node.start.toString(16)} in A`), text);
});

test("each value that differs is listed, and no other", () => {
    const a = json("plan-sv48");
    const b = { ...structuredClone(a), extra: 1 };
    b.kernel.size += 1;
    b.harts.failed.push(3);
    delete b.table_pages;
    assert.deepEqual(compareValues(a, b).map(({ key }) => key).sort(), ["extra", "harts.failed", "kernel.size", "table_pages"]);
});

/**
 * Returns the audit of a machine that landed as planned: what is mapped, by the names of the
 * layout.
 */
function auditOf(plan) {
    const names = { "linear-map": ["linear-map", "linear map"], kernel: ["image", "kernel"], stacks: ["stacks", "stacks"] };
    const regions = plan.regions.filter(({ kind }) => kind in names).map(({ kind, virtual, size }) => {
        const start = BigInt(virtual);
        const own = plan.mappings.filter((one) => BigInt(one.virtual) >= start && BigInt(one.virtual) < start + BigInt(size));
        const stop = BigInt(own.at(-1).virtual) + BigInt(own.at(-1).size);
        const [role, name] = names[kind];
        return { kind: role, name, virtual: own[0].virtual, size: Number(stop - BigInt(own[0].virtual)), parts: [], splits: { listed: [] } };
    });
    const mappings = plan.mappings.map((one) => ({ ...one, flags: "-GAD", memory: "default" }));
    return { kind: "audit", title: "machine", json: { audit_format: 1, roots: [{ mode: plan.mode, regions, mappings }], findings: [] }, request: null, command: null };
}

test("a plan does not differ from the audit of a machine that landed so, and differs from another", () => {
    for (const name of PLANS) {
        const [plan] = spacesOf(document(name));
        const [machine] = spacesOf(auditOf(json(name)));
        assert.deepEqual(compareMappings(plan.mappings, machine.mappings), []);
        assert.deepEqual(compareRegions(plan, machine), []);
    }
    const [plan] = spacesOf(document("plan-sv48"));
    const [machine] = spacesOf(auditOf(json("plan-sv48-seed")));
    assert.deepEqual(compareRegions(plan, machine).map(({ label }) => label).sort(), ["kernel", "linear map", "stacks"]);
});

/**
 * The same machine as an audit without a layout sees it: stacks are a dynamic region, the kernel is
 * the image.
 */
function unnamed(plan) {
    const audit = auditOf(plan);
    for (const region of audit.json.roots[0].regions) {
        if (region.kind === "stacks") region.kind = "dynamic";
        region.name = region.kind;
    }
    return audit;
}

const pairsOf = (a, b) => pairRegions(a, b).filter((pair) => pair.a !== null && pair.b !== null);

test("a plan and an audit without a layout are paired by address, and at another seed by what is mapped", () => {
    for (const other of ["plan-sv48", "plan-sv48-seed"]) {
        const [plan] = spacesOf(document("plan-sv48"));
        const [machine] = spacesOf(unnamed(json(other)));
        const regions = pairsOf(plan, machine).filter(({ a }) => a.kind === "region").map(({ a, b }) => `${a.role} ~ ${b.role}`);
        assert.deepEqual(regions.sort(), ["kernel ~ image", "linear-map ~ linear-map", "stacks ~ dynamic"]);
        const texts = compareRegions(plan, machine).map(({ text }) => text);
        assert.equal(texts.length, other === "plan-sv48" ? 0 : 3);
        for (const text of texts) assert.match(text, /^at 0x[0-9a-f]+ in A, 0x[0-9a-f]+ in B/);
        const parts = pairsOf(plan, machine).filter(({ a }) => a.kind === "part");
        assert.deepEqual(parts.map(({ a }) => a.label), ["RAM", "alias of text and constants", "RAM", "stack 0", "stack 1", "text", "constants", "data"]);
        for (const { a, b } of parts) assert.deepEqual([a.size, a.access], [b.size, b.access]);
    }
});

test("two kernels are paired by meaning: text with text, the linear map with the linear map", () => {
    const [plan] = spacesOf(document("plan-sv39"));
    const [other] = spacesOf(document("audit"));
    const pairs = pairsOf(plan, other);
    assert.deepEqual(pairs.filter(({ a }) => a.kind === "region").map(({ label }) => label), ["linear map", "kernel (A), kernel image (B)"]);
    assert.deepEqual(pairs.filter(({ a }) => a.role === "kernel" && a.kind === "part").map(({ a, b }) => `${a.label} ~ ${b.label}`), ["text ~ text"]);
    // Each region in which anything is mapped is listed once: paired, or alone.
    const listed = pairRegions(plan, other).map(({ b }) => b).filter((node) => node?.kind === "region");
    assert.equal(listed.length, json("audit").roots[0].regions.length);
    assert.equal(new Set(listed).size, listed.length);
});

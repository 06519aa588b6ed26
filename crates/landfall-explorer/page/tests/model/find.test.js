/** Search, filter, aliases and strips, beside the JSON. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { aliases, following } from "../../src/model/aliases.js";
import { spacesOf } from "../../src/model/documents.js";
import { facts, obstacles } from "../../src/model/explain.js";
import { everything, nodeFilter } from "../../src/model/filter.js";
import { nodeAt } from "../../src/model/node.js";
import { search } from "../../src/model/search.js";
import { allCodes } from "../../src/text/codes.js";
import { allSteps } from "../../src/text/steps.js";
import { apart, shortTitle } from "../../src/text/titles.js";
import { Store } from "../../src/state/store.js";
import { cross } from "../../src/view/keys.js";
import { entries } from "../../src/view/strips.js";
import { PLANS, addressesOf, document, generator, json, mappings } from "../oracle.js";

const ALL = [...PLANS, "audit"];

test("each address of a mapping is found by its hex digits", () => {
    for (const name of ALL) {
        const [space] = spacesOf(document(name));
        for (const { virtual, access } of mappings(json(name))) {
            const [hit] = search(space, virtual);
            assert.equal(hit.address, BigInt(virtual));
            assert.equal(hit.node.access, access);
        }
    }
});

test("each part is found by its name", () => {
    for (const name of PLANS.filter((one) => one !== "plan-64-harts")) {
        const [space] = spacesOf(document(name));
        for (const part of json(name).regions.flatMap(({ parts }) => parts)) {
            if (part.what === undefined) continue;
            const hits = search(space, part.what).map(({ node }) => node.start);
            assert.ok(hits.includes(BigInt(part.virtual)), `${part.what} of ${name}`);
        }
    }
});

test("each finding is found by its code", () => {
    const [space] = spacesOf(document("audit"));
    for (const { code, virtual } of json("audit").findings) {
        assert.ok(search(space, code).some(({ address }) => address === BigInt(virtual)), code);
    }
});

test("a frame's addresses are all that map it", () => {
    const next = generator(13);
    for (const name of ALL) {
        const [space] = spacesOf(document(name));
        const all = mappings(json(name));
        for (let round = 0; round < 200; round += 1) {
            const { phys, size } = all[next() % all.length];
            const frame = phys + ((BigInt(next()) << 12n) % size);
            const right = addressesOf(json(name), frame);
            const found = aliases(space, frame, 1n).map(({ virt }) => virt);
            assert.deepEqual(found, right);
            // Each step leads to the next one, and as many steps as there are addresses lead back.
            let at = right[0];
            const seen = right.map(() => (at = following(aliases(space, frame, 1n), at, 1).virt));
            assert.deepEqual(seen, [...right.slice(1), right[0]]);
        }
    }
});

test("a node passes a filter if one of its mappings does", () => {
    for (const name of ALL) {
        const [space] = spacesOf(document(name));
        for (const filter of [
            { ...everything(), access: new Set(["R-X"]) },
            { ...everything(), leaf: new Set(["2M"]) },
            { ...everything(), access: new Set(["RW-", "R--"]), leaf: new Set(["4K"]) },
        ]) {
            const left = mappings(json(name)).filter(({ access, leaf }) => (filter.access.size === 0 || filter.access.has(access)) && (filter.leaf.size === 0 || filter.leaf.has(leaf)));
            const passes = nodeFilter(filter, space);
            const check = (node, start) => {
                const right = left.some((one) => one[start] < node.start + node.size && node.start < one[start] + one.size);
                assert.equal(passes(node), right, node.key);
                if (!node.even) node.children.forEach((child) => check(child, start));
            };
            check(space.root, "virt");
            check(space.physical, "phys");
        }
    }
});

test("a strip has the mapped entries of the table, one by one", () => {
    for (const name of ["plan-sv39", "plan-sv57", "audit"]) {
        const [space] = spacesOf(document(name));
        const all = mappings(json(name));
        for (const { virt } of all) {
            for (let level = (space.bits - 12) / 9 - 1; level >= 0; level -= 1) {
                const { index, span, kinds, startOf } = entries(space, virt, level);
                assert.ok(startOf(BigInt(index)) <= virt && virt < startOf(BigInt(index)) + span);
                for (const [at, kind] of kinds.entries()) {
                    const start = startOf(BigInt(at));
                    const isMapped = all.some((one) => one.virt < start + span && start < one.virt + one.size);
                    assert.equal(kind !== "none", isMapped, `${name}, level ${level}, entry ${at}`);
                }
            }
        }
    }
});

test("a leaf has the obstacles of the larger ones", () => {
    for (const name of PLANS) {
        const [space] = spacesOf(document(name));
        for (const { virtual, leaf, causes } of json(name).splits) {
            const first = mappings(json(name)).find(({ virt, size }) => virt + size > BigInt(virtual));
            const node = nodeAt(space.root, first.virt > BigInt(virtual) ? first.virt : BigInt(virtual));
            const found = obstacles(space, node).filter(({ term }) => term === `no leaf of ${leaf}`);
            assert.ok(found.some(({ text }) => causes.every((cause) => text.includes(cause))), `${virtual} of ${name}`);
        }
    }
});

test("the facts of a part name its addresses and its memory", () => {
    for (const name of PLANS) {
        const [space] = spacesOf(document(name));
        for (const part of json(name).regions.flatMap(({ parts }) => parts)) {
            const node = nodeAt(space.root, BigInt(part.virtual), ({ kind }) => ["half", "region", "part", "gap", "group"].includes(kind));
            const text = facts(space, node).map((fact) => fact.text).join("\n");
            assert.ok(text.includes(part.virtual), part.virtual);
            for (const own of [part.physical, part.access, part.unmapped]) assert.ok(own === undefined || text.includes(own), own);
        }
    }
});

test("codes are explained as the audit explains them", () => {
    const table = readFileSync(new URL("../../../../landfall-audit/src/finding/code/table.rs", import.meta.url), "utf8");
    const codes = [...table.matchAll(/^ {4}\w+ = "([a-z-]+)", "/gm)].map(([, code]) => code);
    assert.deepEqual(allCodes().map(([code]) => code), codes);
    for (const [, { title, why, fixes }] of allCodes()) {
        for (const text of [title, why, ...fixes]) assert.ok(table.includes(`"${text}"`), text);
    }
});

test("the steps of a boot are those of the document", () => {
    const page = readFileSync(new URL("../../../../../docs/landing.md", import.meta.url), "utf8");
    for (const { step, name } of allSteps()) {
        if (step < 2) continue;
        const right = name === "main" ? "`main`" : name;
        assert.ok(page.includes(`| ${step}. ${right} |`), `${step}. ${name}`);
    }
});

test("titles above the columns have no folders, and say what differs", () => {
    assert.deepEqual(apart("plan of /home/a/target/hello.elf, sv48", "audit of C:\\cores\\vm.core, sv48"), ["A: plan of hello.elf", "B: audit of vm.core"]);
    assert.deepEqual(apart("virt, 4G, s1", "virt, 4G, s1, physical=pack"), ["A: without", "B: physical=pack"]);
    assert.deepEqual(apart("virt, 4G", "virt, 4G"), ["A: virt, 4G", "B: virt, 4G"]);
});

test("a title is short, with a file's name whole if it is", () => {
    assert.equal(shortTitle("plan of /home/a/target/hello.elf, sv48"), "plan of hello.elf, sv48");
    assert.equal(shortTitle("audit"), "audit");
    const long = shortTitle(`plan of /x/${"very-".repeat(30)}long.elf`);
    assert.ok(long.length <= 60 && long.startsWith("plan of very-") && long.endsWith("long.elf"), long);
    assert.equal(shortTitle("a".repeat(60)), "a".repeat(60));
});

test("from memory a person returns to the address that they came from", () => {
    const store = new Store();
    store.show([document("plan-sv48")]);
    const text = search(store.space("a"), "text").find(({ node }) => node.kind === "part" && node.label === "text").node;
    store.select("a", text);
    cross(store, "right");
    assert.equal(store.selection.address, text.phys);
    cross(store, "left");
    assert.equal(store.selection.node, text);
});

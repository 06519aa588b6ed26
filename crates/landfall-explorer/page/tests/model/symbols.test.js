/** Symbols and physical addresses in the search, beside the JSON. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseFile, spacesOf } from "../../src/model/documents.js";
import { addressFacts } from "../../src/model/explain.js";
import { search } from "../../src/model/search.js";
import { counts } from "../../src/model/symbols.js";
import { PLANS, document, json, mappings } from "../oracle.js";

const LIST = [
    ["_start", 0, 0],
    ["hello::main", 0x1000, 64],
    ["<hello::Table as core::fmt::Debug>::fmt", 0x1040, 16],
    ["hello::main::inner", 0x1050, 8],
    ["hello::DATA\u202e", 0x20000, 8],
];
const withSymbols = (name, symbols) => ({ ...document(name), symbols: { base: null, list: LIST, count: 7, ...symbols } });

test("each symbol is found at the kernel's address of each plan", () => {
    for (const name of PLANS) {
        const [space] = spacesOf(withSymbols(name));
        const base = BigInt(json(name).kernel.virtual);
        for (const [symbol, offset] of LIST.slice(0, 4)) {
            const [hit] = search(space, symbol);
            assert.deepEqual([hit.title, hit.address], [symbol, base + BigInt(offset)], name);
            assert.equal(hit.node.access, mappings(json(name)).find(({ virt, size }) => virt <= hit.address && hit.address < virt + size).access);
        }
        assert.deepEqual(counts(space), { listed: 5, all: 7 });
    }
});

test("the last part of a name is the most exact, and hidden characters are shown", () => {
    const [space] = spacesOf(withSymbols("plan-sv39"));
    assert.deepEqual(search(space, "main").map(({ title }) => title).slice(0, 2), ["hello::main", "hello::main::inner"]);
    assert.equal(search(space, "hello::data")[0].title, "hello::DATA\\u{202e}");
    assert.deepEqual(search(spacesOf(document("plan-sv39"))[0], "hello"), []);
});

test("symbols of an audit are at their own base, and a place states its symbol", () => {
    const image = json("audit").roots[0].regions.find(({ kind }) => kind === "image");
    const [space] = spacesOf(withSymbols("audit", { base: image.virtual }));
    const [hit] = search(space, "hello::main");
    assert.equal(hit.address, BigInt(image.virtual) + 0x1000n);
    const symbolAt = (offset) => addressFacts(space, hit.node, BigInt(image.virtual) + offset).find(({ term }) => term === "symbol")?.text ?? null;
    assert.deepEqual([0n, 0x103fn, 0x1049n, 0x1050n, 0x1058n].map(symbolAt), ["_start", "hello::main+0x3f", "<hello::Table as core::fmt::Debug>::fmt+0x9", "hello::main::inner", null]);
});

test("an address of physical memory is found by the words of a link", () => {
    for (const name of [...PLANS, "audit"]) {
        const [space] = spacesOf(document(name));
        for (const { physical } of mappings(json(name))) {
            const [hit, ...others] = search(space, `phys:${physical}`);
            assert.ok(hit.node.key.startsWith("p") && hit.address === BigInt(physical) && others.every(({ node }) => node.key.startsWith("p")), physical);
            // It is a virtual address too, of the lower half, where only the audit maps something.
            const [first] = search(space, physical);
            const isMapped = mappings(json(name)).some(({ virt, size }) => virt <= BigInt(physical) && BigInt(physical) < virt + size);
            assert.equal(first.node.key.startsWith("p"), !isMapped, physical);
        }
    }
});

test("symbols of another shape are refused", () => {
    for (const wrong of [7, {}, { base: 7 }, { list: {} }, { list: [["a", 1]] }, { list: [["a", -1, 0]] }, { list: [[1, 1, 1]] }, { count: "1" }]) {
        const symbols = typeof wrong === "object" && Object.keys(wrong).length > 0 ? withSymbols("plan-sv39", wrong).symbols : wrong;
        const text = JSON.stringify({ format: 1, documents: [{ ...document("plan-sv39"), symbols }] });
        assert.throws(() => parseFile(text, "other.json"), /"symbols" is no list/, JSON.stringify(wrong));
    }
});

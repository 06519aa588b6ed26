/** Roots that share tables, beside the JSON. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseFile, spacesOf } from "../../src/model/documents.js";
import { aliases } from "../../src/model/aliases.js";
import { findingsOf } from "../../src/model/explain.js";
import { nodeAt, path } from "../../src/model/node.js";
import { document, json } from "../oracle.js";

/**
 * Returns the memory at an address of a root: its own mapping, or that of the root that lists it.
 */
function memoryAt(content, index, address) {
    const root = content.roots[index];
    const has = (one) => BigInt(one.virtual) <= address && address < BigInt(one.virtual) + BigInt(one.size);
    const shared = root.inherited.find(has);
    if (shared !== undefined) return memoryAt(content, shared.root, address);
    const own = root.mappings.find(has);
    return own === undefined ? null : { phys: BigInt(own.physical) + address - BigInt(own.virtual), access: own.access };
}

const placeAt = (space, address) => nodeAt(space.root, address, ({ kind }) => kind !== "leaf" && kind !== "table");

test("each address of each root has its memory, also by tables of an earlier root", () => {
    const content = json("audit-roots");
    const spaces = spacesOf(document("audit-roots"));
    const edges = content.roots.flatMap(({ mappings, inherited }) => [...mappings, ...inherited]).flatMap(({ virtual, size }) => [BigInt(virtual), BigInt(virtual) + BigInt(size)]);
    for (const [index, space] of spaces.entries()) {
        for (const address of edges.flatMap((edge) => [edge - 4096n, edge])) {
            const right = memoryAt(content, index, address);
            const node = placeAt(space, address);
            const found = node.phys === null ? null : { phys: node.phys + address - node.start, access: node.access };
            assert.deepEqual(found, right, `${address.toString(16)} of root ${index}`);
            if (right !== null) assert.ok(aliases(space, right.phys, 1n).some(({ virt }) => virt === address));
        }
    }
});

test("a shared region names its root, and has its findings", () => {
    const [, space] = spacesOf(document("audit-roots"));
    const node = placeAt(space, 0xffffffcb00400000n);
    assert.ok(path(node).some(({ label }) => label === "linear map, as in root 0"), path(node).map(({ label }) => label).join());
    const right = json("audit-roots").findings.find(({ root, virtual }) => root === 0 && virtual === "0xffffffcb00400000");
    assert.ok(findingsOf(space, node).some(({ found }) => found === right.found));
    assert.ok(path(placeAt(space, 0xffffffcb40000000n)).every(({ label }) => !label.includes("as in root")), "its own region");
});

test("a region of a root's own is around what it shares", () => {
    const content = json("audit-roots");
    const [, root] = content.roots;
    // One region from the shared tables' lower side to their upper one.
    const before = { virtual: "0xffffffca00000000", physical: "0x80000000", size: 4096, access: "RW-", flags: "-GAD", memory: "default", leaf: "4K" };
    root.mappings.push(before);
    Object.assign(root.regions[1], { virtual: before.virtual, size: 0x180000000 - 0x0 });
    const [, space] = parseFile(JSON.stringify(content), "a").flatMap(spacesOf);
    for (const address of [0xffffffca00000000n, 0xffffffcb00200000n, 0xffffffcb40000000n]) assert.notEqual(placeAt(space, address).phys, null, address.toString(16));
});

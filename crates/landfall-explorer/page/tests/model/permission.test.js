/** Permissions and findings of a mapping and of its aliases, beside the JSON. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { spacesOf } from "../../src/model/documents.js";
import { facts, findingsOf } from "../../src/model/explain.js";
import { everything, nodeFilter, passes } from "../../src/model/filter.js";
import { nodeAt, path } from "../../src/model/node.js";
import { PLANS, document, json, mappings } from "../oracle.js";

const ALL = [...PLANS, "audit"];
const WORDS = { W: "writable at", X: "executable at" };

/** Returns the facts of the mapping at an address, by their terms. */
function factsAt(space, address) {
    const node = nodeAt(space.root, address, ({ kind }) => kind !== "leaf" && kind !== "table");
    return new Map(facts(space, node).map(({ term, text }) => [term, text]));
}

test("a mapping's permission is beside what its aliases permit", () => {
    for (const name of ALL) {
        const [space] = spacesOf(document(name));
        const all = mappings(json(name));
        for (const own of all) {
            const found = factsAt(space, own.virt);
            assert.ok(found.get("permission").startsWith(`${own.access}: `), name);
            const others = all.filter((one) => one !== own && one.phys < own.phys + own.size && own.phys < one.phys + one.size);
            for (const [index, letter] of [...".WX"].entries()) {
                if (index === 0 || own.access[index] === letter) continue;
                const isElsewhere = others.some(({ access }) => access[index] === letter);
                assert.equal(found.get("elsewhere").includes(WORDS[letter]), isElsewhere, `${letter} of ${own.virtual} in ${name}: ${found.get("elsewhere")}`);
            }
        }
    }
});

test("both sides of a finding about aliases show it", () => {
    const [space] = spacesOf(document("audit"));
    const finding = json("audit").findings.find(({ code }) => code === "alias-wx");
    const there = /at (0x[0-9a-f]+)$/.exec(finding.found)[1];
    for (const address of [finding.virtual, there]) {
        for (const node of path(nodeAt(space.root, BigInt(address)))) {
            assert.ok(findingsOf(space, node).some(({ code }) => code === "alias-wx"), `${address}: ${node.label}`);
        }
        const filter = { ...everything(), findings: true };
        assert.ok(nodeFilter(filter, space)(nodeAt(space.root, BigInt(address))));
        assert.ok(space.mappings.some((mapping) => mapping.virt <= BigInt(address) && BigInt(address) < mapping.virt + mapping.size && passes(filter, space, mapping)));
    }
});

test("code of user mode, which the kernel writes, is no side of a finding", () => {
    const mapping = (virtual, physical, access, flags) => ({ virtual, physical, size: 4096, access, flags, memory: "default", leaf: "4K" });
    const audit = json("audit");
    const own = [mapping("0x1000", "0x80000000", "R-X", "U-AD"), mapping("0x3000", "0x80000000", "RW-", "U-AD"), mapping("0xffffffc000000000", "0x80000000", "RW-", "-GAD")];
    const findings = [{ code: "alias-wx", root: 0, virtual: "0x1000", size: 4096, physical: "0x80000000", entry: null, found: "R-X here, and RW- at 0x3000" }];
    const changed = { ...audit, roots: [{ ...audit.roots[0], mappings: own, regions: [] }], findings };
    const [space] = spacesOf({ kind: "audit", title: "", json: changed, request: null, command: null });
    const isFound = (mapping) => passes({ ...everything(), findings: true }, space, mapping);
    assert.deepEqual(space.mappings.map(isFound), [true, true, false]);
});

test("regions of an audit are explained by the audit's rules", () => {
    const why = (name, role) => {
        const [space] = spacesOf(document(name));
        const find = (node) => (node.kind === "region" && node.role === role ? node : node.children.map(find).find((one) => one)) ?? null;
        return facts(space, find(space.root)).find(({ term }) => term === "region").text;
    };
    assert.match(why("plan-sv48", "linear-map"), /largest leaves that fit/);
    assert.match(why("audit", "linear-map"), /most bytes/);
    assert.match(why("audit", "image"), /^The kernel's text/);
});

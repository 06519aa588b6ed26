/** Documents that somebody damaged: each is shown or refused by name, and nothing else happens. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseFile, spacesOf } from "../../src/model/documents.js";
import { facts, sentence } from "../../src/model/explain.js";
import { DocumentError } from "../../src/model/read.js";
import { search } from "../../src/model/search.js";
import { parseLink, linkOf } from "../../src/state/link.js";
import { Layout } from "../../src/view/layout.js";
import { generator, json } from "../oracle.js";

const WRONG = [null, -1, 1.5, 2 ** 70, "", "0x", "0xffffffffffffffff", "<img src=x onerror=alert(1)>", [], {}, true, ["__proto__"], "-".repeat(5000)];

/** Replaces or deletes a value somewhere in the JSON. */
function damage(value, next) {
    const keys = Object.keys(value);
    if (keys.length === 0) return;
    const key = keys[next() % keys.length];
    if (typeof value[key] === "object" && value[key] !== null && next() % 4 !== 0) return damage(value[key], next);
    if (next() % 5 === 0) delete value[key];
    else value[key] = structuredClone(WRONG[next() % WRONG.length]);
}

test("a damaged document is shown or refused", () => {
    const next = generator(17);
    let refused = 0;
    for (const name of ["plan-sv48", "audit"]) {
        for (let round = 0; round < 1500; round += 1) {
            const content = json(name);
            for (let count = 1 + (next() % 3); count > 0; count -= 1) damage(content, next);
            try {
                for (const document of parseFile(JSON.stringify(content), "damaged.json")) {
                    for (const space of spacesOf(document)) {
                        for (const root of [space.root, space.physical]) {
                            new Layout(root);
                            for (const child of root.children) {
                                facts(space, child);
                                sentence(space, child);
                            }
                        }
                        search(space, "text");
                    }
                }
            } catch (error) {
                assert.ok(error instanceof DocumentError, `${error.stack}`);
                refused += 1;
            }
        }
    }
    assert.ok(refused > 500 && refused < 2900, `${refused} of 3000 are refused`);
});

test("what is no document is refused by name", () => {
    for (const text of ["", "{", "null", "[]", "5", '"plan"', "{}", '{"plan_version":5}', '{"audit_format":1}', '{"format":1,"documents":[null]}']) {
        const read = () => parseFile(text, "other.json").map(spacesOf);
        if (text === '{"plan_version":5}') assert.deepEqual(read(), [[]], "a refusal has no layout");
        else assert.throws(read, DocumentError, text);
    }
});

test("a link of anyone gives a request of the right shape, or none", () => {
    for (const hash of ["", "#", "#machine=", "#machine=virt&harts=-1&policy=", "#machine=x&memory=,,", "#select=%3Cscript%3E", "#machine=virt&harts=99999999", "#b-machine=virt", "#__proto__=1&machine=virt"]) {
        const { request, other } = parseLink(hash);
        for (const one of [request, other]) {
            if (one === null) continue;
            assert.ok(["virt", "board"].includes(one.machine.kind));
            assert.ok(one.machine.harts === undefined || Number.isInteger(one.machine.harts));
        }
    }
});

test("a link restores what it was made of", () => {
    const requests = [
        { machine: { kind: "virt", memory: "16G", harts: 4, mode: "sv39", seed: "00ff00ff00ff00ff" }, policy: ["physical=pack", "window=0xffffffff00000000:1G@sv39"] },
        { machine: { kind: "board", name: "visionfive-2", memory: ["0x40000000:4G", "0x1000000000:1G"], no_map: ["0x40000000:512K"], boot_hart: 2, append: "landfall.mode=sv39 a&b#c=%20" }, policy: [] },
    ];
    for (const request of requests) {
        for (const other of [null, requests[0]]) {
            const hash = linkOf({ request, other, select: "0xffffffff80000000" });
            assert.deepEqual(parseLink(hash), { request, other, select: "0xffffffff80000000", isEmbedded: false });
        }
    }
    assert.equal(linkOf({ request: { machine: { kind: "board", tree: "AAAA" } }, other: null, select: null }), null);
});

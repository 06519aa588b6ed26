/** Damaged documents: each is shown or refused by name, and nothing else happens. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseFile, spacesOf } from "../../src/model/documents.js";
import { facts, sentence } from "../../src/model/explain.js";
import { parsePlace, placeText } from "../../src/model/place.js";
import { DocumentError } from "../../src/model/read.js";
import { search } from "../../src/model/search.js";
import { faultOf } from "../../src/state/check.js";
import { parseLink, linkOf } from "../../src/state/link.js";
import { visible } from "../../src/text/visible.js";
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

/** Makes all nodes above leaves. */
function makeAll(node) {
    if (!node.even) node.children.forEach(makeAll);
}

test("a damaged document is shown or refused", () => {
    const next = generator(17);
    let refused = 0;
    for (const name of ["plan-sv48", "audit"]) {
        for (let round = 0; round < 1500; round += 1) {
            const content = json(name);
            for (let count = 1 + (next() % 3); count > 0; count -= 1) damage(content, next);
            const spaces = [];
            try {
                for (const document of parseFile(JSON.stringify(content), "damaged.json")) {
                    spaces.push(...spacesOf(document));
                    for (const space of spaces) {
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
            // A document that is shown has no fault which a later view would find.
            for (const { root, physical } of spaces) [root, physical].forEach(makeAll);
        }
    }
    assert.ok(refused > 500 && refused < 2900, `${refused} of 3000 are refused`);
});

test("what is no document is refused by name", () => {
    for (const text of ["", "{", "null", "[]", "5", '"plan"', "{}", '{"plan_version":5}', '{"outcome":"landed"}', '{"audit_format":1}', '{"format":1,"documents":[null]}', '{"format":99,"documents":[]}', '{"format":1,"documents":[{"kind":"plan","json":null}]}']) {
        assert.throws(() => parseFile(text, "other.json"), DocumentError, text);
    }
    const refused = '{"outcome":"refused","refusal":{"rule":"R8","message":"no memory; add some"}}';
    assert.deepEqual(parseFile(refused, "other.json").map(spacesOf), [[]], "a refusal has no layout");
    const three = JSON.stringify({ format: 1, documents: [1, 2, 3].map(() => ({ kind: "plan", json: JSON.parse(refused) })) });
    assert.throws(() => parseFile(three, "other.json"), /has 3 documents/);
});

/** Returns a document with another value at a JSON pointer; the empty one is the whole. */
function damaged({ of, at, is }) {
    if (at === "") return is;
    const content = json(of);
    const keys = at.slice(1).split("/");
    const last = keys.pop();
    keys.reduce((one, key) => one[key], content)[last] = is;
    return content;
}

test("damaged documents are refused as the command refuses them", () => {
    for (const one of json("damaged")) {
        const text = JSON.stringify(damaged(one));
        const read = () => parseFile(text, "other.json");
        if (one.shown) assert.doesNotThrow(read, JSON.stringify(one));
        else assert.throws(read, DocumentError, JSON.stringify(one));
    }
});

test("a link of anyone gives a request of the right shape, or none", () => {
    for (const hash of ["", "#", "#machine=", "#machine=virt&harts=-1&policy=", "#machine=x&memory=,,", "#select=%3Cscript%3E", "#machine=virt&harts=99999999", "#b-machine=virt", "#__proto__=1&machine=virt"]) {
        const { request, other } = parseLink(hash);
        for (const one of [request, other]) {
            if (one === null) continue;
            assert.ok(["virt", "board"].includes(one.machine.kind));
            assert.ok(one.machine.harts === undefined || Number.isInteger(one.machine.harts) || faultOf(one) !== null, hash);
        }
    }
});

test("a number of harts that is not whole is refused by its field, and stays in the link", () => {
    for (const harts of ["abc", "-1", "1e3", "2.5", "0x2", "99999999999"]) {
        const { request } = parseLink(`#machine=virt&harts=${harts}`);
        assert.deepEqual([faultOf(request)?.field, faultOf(request)?.message.includes(harts)], ["machine.harts", true], harts);
        assert.ok(linkOf({ request, other: null, select: null }).includes(`harts=${harts}`));
        assert.equal(faultOf(parseLink(`#machine=nezha&boot_hart=${harts}`).request)?.field, "machine.boot_hart");
    }
    for (const harts of ["1", "64", "65"]) assert.equal(faultOf(parseLink(`#machine=virt&harts=${harts}`).request), null);
    assert.equal(faultOf({}), null);
});

test("a link without a seed has one, and an empty seed stays empty", () => {
    assert.match(parseLink("#machine=virt").request.machine.seed, /^[0-9a-f]{16}$/);
    assert.equal(parseLink("#machine=virt&seed=").request.machine.seed, undefined);
    assert.equal(parseLink("#machine=nezha").request.machine.seed, undefined);
    const empty = linkOf({ request: { machine: { kind: "virt" } }, other: null, select: null });
    assert.equal(parseLink(empty).request.machine.seed, undefined);
});

test("a place in a link is virtual or physical", () => {
    const [space] = spacesOf({ kind: "plan", title: "", json: json("plan-sv48"), request: null, command: null });
    for (const [node, kind] of [[space.root, "virtual"], [space.physical, "physical"]]) {
        const [child] = node.children.slice(-1);
        assert.deepEqual(parsePlace(placeText({ node: child, address: child.start })), { kind, address: child.start });
    }
    for (const wrong of [null, "", "phys:", "phys:x", "0x", "p:1"]) assert.equal(parsePlace(wrong), null);
});

test("hidden characters are shown as escapes, in labels too", () => {
    assert.equal(visible("a\u202eb\u0000\u2066\u{e0041}\u200b c\n\u00e9"), "a\\u{202e}b\\u{0}\\u{2066}\\u{e0041}\\u{200b} c\n\u00e9");
    const content = json("plan-sv48");
    content.regions.find(({ parts }) => parts.length > 0).parts[0].what = "x\u202ey";
    const [space] = spacesOf({ kind: "plan", title: "", json: content, request: null, command: null });
    assert.ok(search(space, "x").every(({ title, detail }) => !/\u202e/.test(title + detail)));
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

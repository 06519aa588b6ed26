/** Addresses of 64 bits, none of which becomes a double. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { hex, parseAddress, parseSize, portion, ratio, sizeText } from "../../src/model/address.js";
import { parseFile } from "../../src/model/documents.js";
import { readJson, writeJson } from "../../src/model/json.js";
import { generator } from "../oracle.js";

test("each address of 64 bits is read back", () => {
    const next = generator(3);
    for (let round = 0; round < 2000; round += 1) {
        const address = (BigInt(next()) << 32n) | BigInt(next());
        assert.equal(parseAddress(hex(address)), address);
        assert.equal(parseAddress(hex(address).slice(2).toUpperCase()), address);
    }
});

test("everything else is no address", () => {
    for (const wrong of ["", "0x", "0x1_0000_0000_0000_0000", "-1", "1e+3", "0xg", null, 5, {}, "0x0x1"]) assert.equal(parseAddress(wrong), null, String(wrong));
    for (const wrong of [-1, 1.5, NaN, Infinity, "1", null, 2 ** 65]) assert.equal(parseSize(wrong), null, String(wrong));
});

test("a portion of a range is within it, and a ratio leads back", () => {
    const next = generator(5);
    for (let round = 0; round < 2000; round += 1) {
        const whole = ((BigInt(next()) << 32n) | BigInt(next())) + 1n;
        const part = ((BigInt(next()) << 32n) | BigInt(next())) % whole;
        const back = portion(whole, ratio(part, whole));
        const error = back > part ? back - part : part - back;
        assert.ok(error <= (whole >> 50n) + 1n, `${part} of ${whole} leads to ${back}`);
    }
});

test("sizes are written with their largest unit", () => {
    for (const [bytes, text] of [
        [0n, "0 B"],
        [4096n, "4 KiB"],
        [1536n, "1.5 KiB"],
        [1n << 21n, "2 MiB"],
        [(1n << 47n) + (1n << 46n), "192 TiB"],
        [1n << 57n, "128 PiB"],
        [1n << 64n, "16 EiB"],
        [1000n << 20n, "1000 MiB"],
    ]) {
        assert.equal(sizeText(bytes), text);
    }
});

test("JSON with integers of 64 bits is written as it was read", () => {
    const next = generator(7);
    for (let round = 0; round < 2000; round += 1) {
        const size = (BigInt(next()) << 32n) | BigInt(next());
        // Digits in a string, and an escaped quote before them, are a string.
        const text = `{"size":${size},"seed":"${size}","title":"a\\\\\\":${size}","list":[${size},0,1.5,-3,null]}`;
        const value = readJson(text);
        assert.equal(parseSize(value.size), size);
        assert.equal(value.seed, String(size));
        assert.equal(value.title, `a\\":${size}`);
        assert.equal(writeJson(value), text);
    }
    for (const wrong of ["{", '"', "01234567890123456789", '{"a":12345678901234567890', '"12345678901234567890', "1234567890123456789012"]) {
        if (wrong.length === 22) assert.equal(readJson(wrong), 1234567890123456789012);
        else assert.throws(() => readJson(wrong), SyntaxError, wrong);
    }
});

test("the regions of a plan follow each other to the byte, and a saved plan is the plan", () => {
    const text = readFileSync(new URL("../data/plan-sv57.json", import.meta.url), "utf8");
    const { regions } = readJson(text);
    assert.ok(regions.some(({ size }) => typeof size === "bigint"), "the oracle has a size above 2^53");
    for (const [index, { virtual }] of regions.entries()) {
        if (index > 0) assert.equal(BigInt(regions[index - 1].virtual) + BigInt(regions[index - 1].size), BigInt(virtual));
    }
    const sizes = (/** @type {string} */ json) => [...json.matchAll(/"size":\s*(\d+)/g)].map(([, size]) => size);
    const [opened] = parseFile(text, "plan.json");
    assert.deepEqual(sizes(writeJson({ format: 1, documents: [opened] })), sizes(text));
});

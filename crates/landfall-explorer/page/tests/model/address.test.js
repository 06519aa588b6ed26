/** Addresses of 64 bits, none of which becomes a double. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { hex, parseAddress, parseSize, portion, ratio, sizeText } from "../../src/model/address.js";
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

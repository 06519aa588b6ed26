/**
 * Values of a document that a person may have written by hand: each is checked, and named if it is
 * wrong.
 */

import { LEAVES, bitsOf, parseAddress, parseSize } from "./address.js";
import { writeJson } from "./json.js";

/** A document that cannot be shown. */
export class DocumentError extends Error {}

/**
 * Returns the address at a key.
 * @param {any} object @param {string} key
 */
export function address(object, key) {
    return checked(parseAddress(object?.[key]), object, key, "an address in hex");
}

/** Returns the size at a key. @param {any} object @param {string} key */
export function size(object, key) {
    return checked(parseSize(object?.[key]), object, key, "a number of bytes");
}

/** Returns the list at a key. @param {any} object @param {string} key @returns {any[]} */
export function list(object, key) {
    return checked(Array.isArray(object?.[key]) ? object[key] : null, object, key, "a list");
}

/**
 * Returns the list of objects at a key.
 * @param {any} object @param {string} key @returns {any[]}
 */
export function objects(object, key) {
    const all = list(object, key);
    const areObjects = all.every((one) => typeof one === "object" && one !== null);
    return checked(areObjects ? all : null, object, key, "a list of objects");
}

/** Returns the text at a key. @param {any} object @param {string} key @returns {string} */
export function text(object, key) {
    return checked(typeof object?.[key] === "string" ? object[key] : null, object, key, "text");
}

/** Returns the permission at a key. @param {any} object @param {string} key @returns {string} */
export function access(object, key) {
    const is = typeof object?.[key] === "string" && /^[R-][W-][X-]$/.test(object[key]);
    return checked(is ? object[key] : null, object, key, "a permission such as R-X");
}

/**
 * Returns the size of leaves at a key.
 * @param {any} object @param {string} key
 * @returns {import("./address.js").LeafName}
 */
export function leaf(object, key) {
    return checked(Object.hasOwn(LEAVES, object?.[key]) ? object[key] : null, object, key, "a size of leaves");
}

/** Returns the mode's name and bits. @param {any} object */
export function mode(object) {
    const name = text(object, "mode");
    return { mode: name, bits: checked(bitsOf(name), object, "mode", "sv39, sv48 or sv57") };
}

/**
 * Returns the mappings, from the lowest address to the highest.
 * @param {any} object
 * @returns {import("../types.js").Mapping[]}
 */
export function mappings(object) {
    const all = objects(object, "mappings").map((mapping) => ({
        virt: address(mapping, "virtual"),
        phys: address(mapping, "physical"),
        size: size(mapping, "size"),
        access: access(mapping, "access"),
        flags: typeof mapping.flags === "string" ? mapping.flags : "",
        memory: typeof mapping.memory === "string" ? mapping.memory : "default",
        leaf: leaf(mapping, "leaf"),
    }));
    all.sort((a, b) => (a.virt < b.virt ? -1 : a.virt > b.virt ? 1 : 0));
    for (const [index, { virt, size }] of all.entries()) {
        const before = all[index - 1];
        if (size === 0n || virt + size > 1n << 64n || (before && before.virt + before.size > virt)) {
            throw new DocumentError(`the mapping at 0x${virt.toString(16)} is empty or overlaps another`);
        }
    }
    return all;
}

/**
 * @template T
 * @param {T | null | undefined} value @param {any} object @param {string} key @param {string} right
 * @returns {T}
 */
function checked(value, object, key, right) {
    if (value !== null && value !== undefined) return value;
    const found = writeJson(object?.[key])?.slice(0, 60) ?? "nothing";
    throw new DocumentError(`"${key}" is ${found}; expected ${right}`);
}

/** Facts of the documents, read from their JSON alone: nothing here uses the page's code. */

import { readFileSync } from "node:fs";

export const LEAF = { "4K": 12n, "64K": 16n, "2M": 21n, "1G": 30n, "512G": 39n, "256T": 48n };

/** Returns a document of `data`. @param {string} name */
export function json(name) {
    return JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url), "utf8"));
}

export const PLANS = ["plan-sv39", "plan-sv48", "plan-sv48-seed", "plan-sv57", "plan-64-harts", "plan-linear-map"];

/** Returns a document as a command puts it into the page. @param {string} name */
export function document(name) {
    const content = json(name);
    return { kind: name.startsWith("audit") ? "audit" : "plan", title: name, json: content, request: null, command: null };
}

/** Returns the mappings with numbers of 64 bits. @param {any} content */
export function mappings(content) {
    const all = content.mappings ?? content.roots[0].mappings;
    return all.map((one) => ({ ...one, virt: BigInt(one.virtual), phys: BigInt(one.physical), size: BigInt(one.size) }));
}

/**
 * Returns the virtual addresses of each byte at a physical address.
 * @param {any} content @param {bigint} phys
 */
export function addressesOf(content, phys) {
    return mappings(content)
        .filter((one) => one.phys <= phys && phys < one.phys + one.size)
        .map((one) => one.virt + (phys - one.phys))
        .sort((a, b) => (a < b ? -1 : 1));
}

/**
 * A generator of numbers below 2^32 that is the same in each run (xorshift).
 * @param {number} seed
 */
export function generator(seed) {
    let state = seed;
    return () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state >>> 0;
    };
}

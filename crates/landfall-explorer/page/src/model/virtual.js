/** The tree of virtual addresses: halves, regions, parts, and leaves as page tables divide them. */

import { hex } from "./address.js";
import { end, entryOf, grouped, leavesOf, node } from "./node.js";
import { DocumentError } from "./read.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {import("../types.js").Entry} Entry */

/**
 * Returns the root, with the regions in their halves.
 * @param {number} bits
 * @param {Node[]} regions from the lowest address to the highest, without overlaps
 */
export function virtualRoot(bits, regions) {
    const half = 1n << BigInt(bits - 1);
    const all = 1n << 64n;
    const upper = all - half;
    const lowerRegions = regions.filter((region) => region.start < half).map(entryOf);
    const upperRegions = regions.filter((region) => region.start >= upper).map(entryOf);
    return node({ key: "v", kind: "space", label: "virtual addresses", start: 0n, size: all }, (root) => {
        const children = [
            node({ key: "v/lower", kind: "half", role: "lower", label: "lower half", start: 0n, size: half }, (parent) =>
                grouped(withGaps(parent, lowerRegions), parent, "regions"),
            ),
            node({
                key: "v/hole",
                kind: "hole",
                role: "hole",
                label: "not canonical",
                start: half,
                size: upper - half,
            }),
            node({ key: "v/upper", kind: "half", role: "upper", label: "upper half", start: upper, size: half }, (parent) =>
                grouped(withGaps(parent, upperRegions), parent, "regions"),
            ),
        ];
        for (const region of regions) {
            const place = region.start < half ? children[0] : children[2];
            region.key = place.key + region.key.slice(1);
        }
        void root;
        return children;
    });
}

/**
 * Fills the addresses between the entries of a node.
 * @param {Node} parent @param {Entry[]} entries @param {string} [unmapped] the reason of a gap
 */
export function withGaps(parent, entries, unmapped = "nothing is mapped here") {
    /** @type {Entry[]} */
    const filled = [];
    const name = parent.kind === "half" || parent.kind === "space" ? "gap" : "hole";
    const role = parent.kind === "half" ? "unused" : parent.role;
    const limit = end(parent);
    let at = parent.start;
    let ordinal = 0;
    const fill = (/** @type {bigint} */ to) => {
        if (to <= at) return;
        const own = { start: at, size: to - at };
        const key = `${parent.key}/${name}-${(ordinal += 1)}`;
        filled.push({ ...own, make: () => node({ ...own, key, kind: "gap", role, label: "not mapped", unmapped }) });
    };
    for (const entry of entries) {
        const stop = entry.start + entry.size;
        if (entry.start < at || stop > limit) {
            throw new DocumentError(`"${entry.make().label}" at ${hex(entry.start)} overlaps another, or leads out of "${parent.label}"`);
        }
        fill(entry.start);
        filled.push(entry);
        at = stop;
    }
    fill(limit);
    return filled;
}

/**
 * Returns the stretches of mappings in a part: one for each size of leaves. The one stretch of a
 * part is the part itself, so its leaves follow at once.
 * @param {{ start: bigint, size: bigint }} part @param {Mapping[]} mappings
 */
export function stretches({ start, size }, mappings) {
    const own = within(mappings, start, size);
    const leaves = (/** @type {Mapping} */ mapping) =>
        leavesOf(mapping, (start) => mapping.phys + (start - mapping.virt));
    if (own.length === 1 && own[0].virt === start && own[0].size === size) return { even: true, leaf: own[0].leaf, make: leaves(own[0]) };
    const make = (/** @type {Node} */ parent) => {
        const entries = own.map((mapping, index) => {
            const { virt, phys, size, access, leaf } = mapping;
            const place = { key: `${parent.key}/${index}`, start: virt, size, access, leaf, phys };
            return { ...place, make: () => node({ ...place, kind: "stretch", label: `leaves of ${leaf}`, even: true }, leaves(mapping)) };
        });
        return grouped(withGaps(parent, entries), parent, "stretches");
    };
    return { even: false, leaf: null, make: own.length === 0 ? null : make };
}

/**
 * Returns the mappings that share a byte with the range, by binary search.
 * @param {Mapping[]} mappings @param {bigint} start @param {bigint} size
 */
export function within(mappings, start, size) {
    let low = 0;
    let high = mappings.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (mappings[middle].virt + mappings[middle].size <= start) low = middle + 1;
        else high = middle;
    }
    const found = [];
    for (let index = low; index < mappings.length && mappings[index].virt < start + size; index += 1) {
        found.push(mappings[index]);
    }
    return found;
}

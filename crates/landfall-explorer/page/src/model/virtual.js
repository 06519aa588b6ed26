/** The tree of virtual addresses: halves, regions, parts, and leaves as page tables divide them. */

import { hex } from "./address.js";
import { grouped, leavesOf, node, end } from "./node.js";
import { DocumentError } from "./read.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Mapping} Mapping */

/**
 * Returns the root, with the regions in their halves.
 * @param {number} bits
 * @param {Node[]} regions from the lowest address to the highest, without overlaps
 */
export function virtualRoot(bits, regions) {
    const half = 1n << BigInt(bits - 1);
    const all = 1n << 64n;
    const upper = all - half;
    const lowerRegions = regions.filter((region) => region.start < half);
    const upperRegions = regions.filter((region) => region.start >= upper);
    return node({ key: "v", kind: "space", label: "virtual addresses", start: 0n, size: all }, (root) => {
        const children = [
            node(
                { key: "v/lower", kind: "half", role: "lower", label: "lower half", start: 0n, size: half },
                (parent) => grouped(withGaps(parent, lowerRegions, "gap"), parent, "regions"),
            ),
            node({
                key: "v/hole",
                kind: "hole",
                role: "hole",
                label: "not canonical",
                start: half,
                size: upper - half,
            }),
            node(
                { key: "v/upper", kind: "half", role: "upper", label: "upper half", start: upper, size: half },
                (parent) => grouped(withGaps(parent, upperRegions, "gap"), parent, "regions"),
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
 * Fills the addresses between nodes.
 * @param {Node} parent @param {Node[]} children @param {string} name
 */
export function withGaps(parent, children, name) {
    const filled = [];
    let at = parent.start;
    let ordinal = 0;
    const fill = (/** @type {bigint} */ to) => {
        if (to <= at) return;
        filled.push(
            node({
                key: `${parent.key}/${name}-${(ordinal += 1)}`,
                kind: "gap",
                role: parent.kind === "half" ? "unused" : parent.role,
                label: "not mapped",
                start: at,
                size: to - at,
                unmapped: "nothing is mapped here",
            }),
        );
    };
    for (const child of children) {
        if (child.start < at || end(child) > end(parent)) {
            throw new DocumentError(`"${child.label}" at ${hex(child.start)} overlaps another, or leads out of "${parent.label}"`);
        }
        fill(child.start);
        filled.push(child);
        at = end(child);
    }
    fill(end(parent));
    return filled;
}

/**
 * Returns the stretches of mappings in a part: one for each size of leaves. The one stretch of a
 * part is the part itself, so its leaves follow at once.
 * @param {Node} part @param {Mapping[]} mappings
 */
export function stretches(part, mappings) {
    const own = within(mappings, part.start, part.size);
    const leaves = (/** @type {Mapping} */ mapping) =>
        leavesOf(mapping, (start) => mapping.phys + (start - mapping.virt));
    if (own.length === 1 && own[0].size === part.size) return { even: true, leaf: own[0].leaf, make: leaves(own[0]) };
    const make = (/** @type {Node} */ parent) => {
        const children = own.map((mapping, index) =>
            node(
                {
                    key: `${parent.key}/${index}`,
                    kind: "stretch",
                    label: `leaves of ${mapping.leaf}`,
                    start: mapping.virt,
                    size: mapping.size,
                    access: mapping.access,
                    leaf: mapping.leaf,
                    phys: mapping.phys,
                    even: true,
                },
                leaves(mapping),
            ),
        );
        return grouped(withGaps(parent, children, "hole"), parent, "stretches");
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

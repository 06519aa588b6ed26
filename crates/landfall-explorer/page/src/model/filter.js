/** The filter: mappings by permission, size of leaves, and finding. */

import { overlaps } from "./address.js";
import { within } from "./virtual.js";

/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {{ access: Set<string>, leaf: Set<string>, findings: boolean }} Filter */

/** Returns a filter that all pass. @returns {Filter} */
export function everything() {
    return { access: new Set(), leaf: new Set(), findings: false };
}

/** @param {Filter} filter */
export function isActive(filter) {
    return filter.access.size + filter.leaf.size > 0 || filter.findings;
}

/**
 * Returns true if the mapping passes. An empty set lets all pass.
 * @param {Filter} filter @param {Space} space @param {Mapping} mapping
 */
export function passes(filter, space, mapping) {
    if (filter.access.size > 0 && !filter.access.has(mapping.access)) return false;
    if (filter.leaf.size > 0 && !filter.leaf.has(mapping.leaf)) return false;
    return !filter.findings || space.findings.some(({ virt, size }) => overlaps(virt, size, mapping.virt, mapping.size));
}

/**
 * Returns the test of a node: one of its mappings passes, within its addresses.
 * @param {Filter} filter @param {Space} space
 * @returns {(node: Node) => boolean}
 */
export function nodeFilter(filter, space) {
    if (!isActive(filter)) return () => true;
    const left = space.mappings.filter((mapping) => passes(filter, space, mapping));
    const memory = new Set(left);
    return (node) => {
        if (node.mappings !== null) return node.mappings.some((mapping) => memory.has(mapping));
        if (node.key.startsWith("p")) {
            return left.some(({ phys, size }) => overlaps(phys, size, node.start, node.size));
        }
        const inside = within(left, node.start, node.size);
        if (!filter.findings) return inside.length > 0;
        const isFound = space.findings.some(({ virt, size }) => overlaps(virt, size, node.start, node.size));
        return isFound && inside.length > 0;
    };
}

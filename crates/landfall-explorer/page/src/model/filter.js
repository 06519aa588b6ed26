/** The filter: mappings by permission, size of leaves, and finding. */

import { Ranges } from "./ranges.js";
import { sidesOf } from "./sides.js";

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
    return !filter.findings || foundIn(space).virtual.overlap(mapping.virt, mapping.size);
}

/** @type {WeakMap<Filter, WeakMap<Space, (node: Node) => boolean>>} */
const TESTS = new WeakMap();

/**
 * Returns the test of a node: one of its mappings passes, within its addresses.
 * @param {Filter} filter @param {Space} space
 * @returns {(node: Node) => boolean}
 */
export function nodeFilter(filter, space) {
    if (!isActive(filter)) return () => true;
    const own = TESTS.get(filter) ?? new WeakMap();
    TESTS.set(filter, own);
    const test = own.get(space) ?? newTest(filter, space);
    own.set(space, test);
    return test;
}

/** @param {Filter} filter @param {Space} space @returns {(node: Node) => boolean} */
function newTest(filter, space) {
    const left = space.mappings.filter((mapping) => passes(filter, space, mapping));
    const virtual = new Ranges(left.map(({ virt, size }) => ({ start: virt, size })));
    const memory = new Ranges(left.map(({ phys, size }) => ({ start: phys, size })));
    return (node) => {
        if (node.key.startsWith("p")) return memory.overlap(node.start, node.size);
        return virtual.overlap(node.start, node.size) && (!filter.findings || hasFinding(space, node));
    };
}

/**
 * The addresses and the memory of findings.
 * @type {WeakMap<Space, { virtual: Ranges, memory: Ranges }>}
 */
const FOUND = new WeakMap();

/** @param {Space} space */
function foundIn(space) {
    const own = FOUND.get(space) ?? {
        virtual: new Ranges(space.findings.flatMap((finding) => [finding, ...sidesOf(space, finding)].map(({ virt, size }) => ({ start: virt, size })))),
        memory: new Ranges(space.findings.flatMap(({ phys, size }) => (phys === null ? [] : [{ start: phys, size }]))),
    };
    FOUND.set(space, own);
    return own;
}

/** Returns true if a finding is about the node. @param {Space} space @param {Node} node */
export function hasFinding(space, node) {
    const { virtual, memory } = foundIn(space);
    return (node.key.startsWith("p") ? memory : virtual).overlap(node.start, node.size);
}

/** The regions and parts of two documents: each that moved, changed or is alone. */

import { hex, sizeText } from "./address.js";
import { path } from "./node.js";
import { mappedRegions, pairMapped, pairParts, partsOf } from "./pairs.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Space} Space */
/** @typedef {{ label: string, a: Node | null, b: Node | null, text: string | null }} RegionPair */

/**
 * Pairs regions and parts. Two plans have them by the same names; an audit has what is mapped.
 * @param {Space} a @param {Space} b
 * @returns {RegionPair[]}
 */
export function pairRegions(a, b) {
    return a.kind === "plan" && b.kind === "plan" ? pairNamed(a, b) : pairAudited(a, b);
}

/** Returns the pairs that differ. @param {Space} a @param {Space} b */
export function compareRegions(a, b) {
    return pairRegions(a, b).filter(({ text }) => text !== null);
}

/** @param {Space} a @param {Space} b @returns {RegionPair[]} */
function pairNamed(a, b) {
    const [ours, theirs] = [named(a), named(b)];
    return [...new Set([...ours.keys(), ...theirs.keys()])].map((name) => pairOf(ours.get(name) ?? null, theirs.get(name) ?? null));
}

/** @param {Space} a @param {Space} b @returns {RegionPair[]} */
function pairAudited(a, b) {
    const [ours, theirs] = [a, b].map(mappedRegions);
    const pairs = pairMapped(ours, theirs);
    const paired = new Set(pairs.values());
    /** @type {RegionPair[]} */
    const all = [];
    for (const one of ours) {
        const other = pairs.get(one) ?? null;
        const text = describe(plain(one), other && plain(other));
        all.push({ label: labelOf(one.node, other?.node ?? one.node), a: one.node, b: other?.node ?? null, text });
        if (other === null) continue;
        const parts = pairParts(one.node, other.node);
        // A plan and an audit divide a region differently; the list of mappings has what differs.
        const isTold = a.kind === b.kind;
        for (const [x, y] of parts) all.push({ ...pairOf(x, y), ...(isTold ? {} : { text: null }) });
        if (!isTold) continue;
        const others = new Set(parts.values());
        for (const part of partsOf(one.node)) if (!parts.has(part)) all.push(pairOf(part, null));
        for (const part of partsOf(other.node)) if (!others.has(part)) all.push(pairOf(null, part));
    }
    for (const one of theirs) if (!paired.has(one)) all.push({ label: one.node.label, a: null, b: one.node, text: describe(null, plain(one)) });
    return all;
}

/** @param {{ start: bigint, size: bigint }} of @returns {Extent} */
function plain({ start, size }) {
    return { start, size, access: null, phys: null };
}

/** @param {Node | null} a @param {Node | null} b @returns {RegionPair} */
function pairOf(a, b) {
    const [x, y] = [a ?? b, b ?? a];
    return { label: labelOf(/** @type {Node} */ (x), /** @type {Node} */ (y)), a, b, text: describe(a, b) };
}

/**
 * Returns regions and their parts by their names, without their addresses.
 * @param {Space} space
 */
function named(space) {
    /** @type {Map<string, Node>} */
    const all = new Map();
    const counts = new Map();
    const add = (/** @type {string} */ name, /** @type {Node} */ node) => {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        all.set(`${name}#${counts.get(name)}`, node);
    };
    const visit = (/** @type {Node} */ node) => {
        if (node.kind === "region") add(node.label, node);
        if (node.kind === "part") add(`${regionOf(node)?.label}/${node.label}`, node);
        if (["space", "half", "group", "region"].includes(node.kind)) node.children.forEach(visit);
    };
    visit(space.root);
    return all;
}

/** @param {Node} node */
function regionOf(node) {
    return path(node).find(({ kind }) => kind === "region");
}

/** @param {Node} a @param {Node} b */
function labelOf(a, b) {
    const label = a.label === b.label ? a.label : `${a.label} (A), ${b.label} (B)`;
    return a.kind === "part" ? `${label} (${regionOf(a)?.label})` : label;
}

/** @typedef {{ start: bigint, size: bigint, access: string | null, phys: bigint | null }} Extent */

/** @param {Extent | null} a @param {Extent | null} b */
function describe(a, b) {
    if (a === null && b !== null) return `only in B, at ${hex(b.start)}`;
    if (b === null && a !== null) return `only in A, at ${hex(a.start)}`;
    if (a === null || b === null) return null;
    const texts = [];
    if (a.start !== b.start) texts.push(`at ${hex(a.start)} in A, ${hex(b.start)} in B (${moved(b.start - a.start)})`);
    if (a.size !== b.size) texts.push(`${sizeText(a.size)} in A, ${sizeText(b.size)} in B`);
    if (a.access !== b.access) texts.push(`${a.access} in A, ${b.access} in B`);
    if (a.phys !== b.phys) texts.push(`memory at ${hex(a.phys ?? 0n)} in A, ${hex(b.phys ?? 0n)} in B`);
    return texts.length === 0 ? null : texts.join("; ");
}

/** @param {bigint} by */
function moved(by) {
    return by < 0n ? `${sizeText(-by)} lower` : `${sizeText(by)} higher`;
}

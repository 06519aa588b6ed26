/** The differences of two documents: stretches of mappings, regions, and values. */

import { hex, sizeText } from "./address.js";
import { path } from "./node.js";
import { within } from "./virtual.js";

/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Space} Space */
/** @typedef {"presence" | "memory" | "permission" | "attributes" | "leaf"} Aspect */
/** @typedef {{ virt: bigint, size: bigint, a: Mapping | null, b: Mapping | null, aspects: Aspect[] }} Stretch */
/** @typedef {{ role: string, label: string, a: Node | null, b: Node | null, text: string | null }} RegionDifference */
/** @typedef {{ key: string, a: string, b: string }} ValueDifference */

/**
 * Returns each stretch of addresses at which presence, memory, permission, attributes or size of
 * the leaves differ. A document that does not state attributes has none to differ.
 * @param {Mapping[]} a @param {Mapping[]} b
 * @returns {Stretch[]}
 */
export function compareMappings(a, b) {
    const edges = [...new Set([...a, ...b].flatMap(({ virt, size }) => [virt, virt + size]))];
    edges.sort((x, y) => (x < y ? -1 : 1));
    /** @type {Stretch[]} */
    const found = [];
    let atA = 0;
    let atB = 0;
    for (const [index, virt] of edges.slice(0, -1).entries()) {
        while (atA < a.length && a[atA].virt + a[atA].size <= virt) atA += 1;
        while (atB < b.length && b[atB].virt + b[atB].size <= virt) atB += 1;
        const inA = atA < a.length && a[atA].virt <= virt ? a[atA] : null;
        const inB = atB < b.length && b[atB].virt <= virt ? b[atB] : null;
        const aspects = differing(inA, inB);
        if (aspects.length === 0) continue;
        const last = found[found.length - 1];
        const goesOn = last !== undefined && last.virt + last.size === virt && last.a === inA && last.b === inB;
        if (goesOn) last.size += edges[index + 1] - virt;
        else found.push({ virt, size: edges[index + 1] - virt, a: inA, b: inB, aspects });
    }
    return found;
}

/** @type {WeakMap<Space, WeakMap<Space, Stretch[]>>} */
const COMPARED = new WeakMap();

/** Compares the mappings of two address spaces, once. @param {Space} a @param {Space} b */
export function compareSpaces(a, b) {
    const own = COMPARED.get(a) ?? new WeakMap();
    COMPARED.set(a, own);
    const found = own.get(b) ?? compareMappings(a.mappings, b.mappings);
    own.set(b, found);
    return found;
}

/** @param {Mapping | null} a @param {Mapping | null} b @returns {Aspect[]} */
function differing(a, b) {
    if (a === null && b === null) return [];
    if (a === null || b === null) return ["presence"];
    /** @type {Aspect[]} */
    const aspects = [];
    if (a.virt - a.phys !== b.virt - b.phys) aspects.push("memory");
    if (a.access !== b.access) aspects.push("permission");
    const areStated = a.flags !== "" && b.flags !== "";
    if (areStated && (a.flags !== b.flags || a.memory !== b.memory)) aspects.push("attributes");
    if (a.leaf !== b.leaf) aspects.push("leaf");
    return aspects;
}

/**
 * Pairs regions and parts by name and ordinal, and describes each that moved, changed or is alone.
 * A plan names empty regions and guards, an audit has what is mapped. So of one of each kind only
 * regions are paired, by what is mapped in them.
 * @param {Space} a @param {Space} b
 * @returns {RegionDifference[]}
 */
export function pairRegions(a, b) {
    const isAcross = a.kind !== b.kind;
    const ours = named(a, isAcross);
    const theirs = named(b, isAcross);
    return [...new Set([...ours.keys(), ...theirs.keys()])].map((role) => {
        const [x, y] = [ours.get(role) ?? null, theirs.get(role) ?? null];
        return { role, label: nameOf(/** @type {Node} */ (x ?? y)), a: x, b: y, text: describe(x && extent(x, a, isAcross), y && extent(y, b, isAcross)) };
    });
}

/** Returns the pairs that differ. @param {Space} a @param {Space} b */
export function compareRegions(a, b) {
    return pairRegions(a, b).filter(({ text }) => text !== null);
}

/**
 * Returns regions and their parts by their names, without their addresses.
 * @param {Space} space @param {boolean} isAcross
 */
function named(space, isAcross) {
    /** @type {Map<string, Node>} */
    const all = new Map();
    const counts = new Map();
    const add = (/** @type {string} */ name, /** @type {Node} */ node) => {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        all.set(`${name}#${counts.get(name)}`, node);
    };
    const visit = (/** @type {Node} */ node) => {
        const isListed = !isAcross || within(space.mappings, node.start, node.size).length > 0;
        if (node.kind === "region" && isListed) add(node.label, node);
        if (node.kind === "part" && !isAcross) add(`${regionOf(node)?.label}/${node.label}`, node);
        if (["space", "half", "group", "region"].includes(node.kind)) node.children.forEach(visit);
    };
    visit(space.root);
    return all;
}

/** @param {Node} node */
function regionOf(node) {
    return path(node).find(({ kind }) => kind === "region");
}

/** @param {Node} node */
function nameOf(node) {
    return node.kind === "part" ? `${node.label} (${regionOf(node)?.label})` : node.label;
}

/** @typedef {{ start: bigint, size: bigint, access: string | null, phys: bigint | null }} Extent */

/**
 * Returns a node's addresses, or those from its first mapped byte to its last.
 * @param {Node} node @param {Space} space @param {boolean} isAcross @returns {Extent}
 */
function extent(node, space, isAcross) {
    if (!isAcross) return node;
    const own = within(space.mappings, node.start, node.size);
    const last = own[own.length - 1];
    return { start: own[0].virt, size: last.virt + last.size - own[0].virt, access: null, phys: null };
}

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

/** The keys that the other comparisons cover. */
const COVERED = new Set(["regions", "mappings", "splits", "findings"]);

/**
 * Compares all other values of two documents, key by key.
 * @param {any} a @param {any} b
 * @returns {ValueDifference[]}
 */
export function compareValues(a, b) {
    /** @type {ValueDifference[]} */
    const found = [];
    const visit = (/** @type {any} */ x, /** @type {any} */ y, /** @type {string} */ key) => {
        if (isPlain(x) && isPlain(y)) {
            for (const name of new Set([...Object.keys(x), ...Object.keys(y)])) {
                if (key !== "" || !COVERED.has(name)) visit(x[name], y[name], key === "" ? name : `${key}.${name}`);
            }
        } else if (JSON.stringify(x) !== JSON.stringify(y)) {
            found.push({ key, a: JSON.stringify(x) ?? "absent", b: JSON.stringify(y) ?? "absent" });
        }
    };
    visit(a, b, "");
    return found;
}

/** @param {any} value */
function isPlain(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

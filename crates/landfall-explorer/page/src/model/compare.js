/** The differences of two documents: stretches of mappings, regions, and values. */

import { hex, sizeText } from "./address.js";

/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Space} Space */
/** @typedef {"presence" | "memory" | "permission" | "attributes" | "leaf"} Aspect */
/** @typedef {{ virt: bigint, size: bigint, a: Mapping | null, b: Mapping | null, aspects: Aspect[] }} Stretch */
/** @typedef {{ role: string, label: string, a: Node | null, b: Node | null, text: string }} RegionDifference */
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
 * Pairs regions and parts by role and ordinal, and describes each that moved, changed or is alone.
 * @param {Space} a @param {Space} b
 * @returns {RegionDifference[]}
 */
export function compareRegions(a, b) {
    const inA = byRole(a);
    const inB = byRole(b);
    const found = [];
    for (const role of new Set([...inA.keys(), ...inB.keys()])) {
        const ours = inA.get(role) ?? null;
        const theirs = inB.get(role) ?? null;
        const text = describe(ours, theirs);
        const one = /** @type {Node} */ (ours ?? theirs);
        if (text !== null) found.push({ role, label: nameOf(one), a: ours, b: theirs, text });
    }
    return found;
}

/** Returns regions and their parts by what they are, without their addresses. @param {Space} space */
export function byRole(space) {
    /** @type {Map<string, Node>} */
    const all = new Map();
    const counts = new Map();
    const add = (/** @type {string} */ name, /** @type {Node} */ node) => {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        all.set(`${name}#${counts.get(name)}`, node);
    };
    const visit = (/** @type {Node} */ node) => {
        if (node.kind === "region") add(node.role, node);
        if (node.kind === "part") add(`${node.role}/${node.label}`, node);
        if (["space", "half", "group", "region"].includes(node.kind)) node.children.forEach(visit);
    };
    visit(space.root);
    return all;
}

/** @param {Node} node */
function nameOf(node) {
    return node.kind === "part" ? `${node.label} (${node.parent?.label})` : node.label;
}

/** @param {Node | null} a @param {Node | null} b */
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

/** The differences of two documents: stretches of mappings, and values. */

import { writeJson } from "./json.js";

/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {import("../types.js").Space} Space */
/** @typedef {"presence" | "memory" | "permission" | "attributes" | "leaf"} Aspect */
/**
 * @typedef {{ virt: bigint, size: bigint, a: Mapping | null, b: Mapping | null, aspects:
 *     Aspect[] }} Stretch
 */
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
        } else if (writeJson(x) !== writeJson(y)) {
            found.push({ key, a: writeJson(x) ?? "absent", b: writeJson(y) ?? "absent" });
        }
    };
    visit(a, b, "");
    return found;
}

/** @param {any} value */
function isPlain(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The regions of two address spaces that have one meaning, if one space is an audit. An audit has
 * what is mapped, by names of its own. A plan names guards and empty regions too.
 */

import { overlaps } from "./address.js";
import { within } from "./virtual.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../types.js").Mapping} Mapping */
/**
 * @typedef {{ node: Node, role: string, start: bigint, size: bigint, mappings: Mapping[] }} Mapped
 *     from its first mapped byte to its last
 */

/** An audit without a layout has these roles for what only a layout can name. */
const UNNAMED = new Set(["dynamic", "other"]);
const NAMED = new Set(["stacks", "near", "window", "modules", ...UNNAMED]);

/**
 * Returns the regions in which anything is mapped, from the lowest address to the highest.
 * @param {Space} space @returns {Mapped[]}
 */
export function mappedRegions(space) {
    /** @type {Mapped[]} */
    const all = [];
    const visit = (/** @type {Node} */ node) => {
        if (node.kind === "region") {
            const mappings = within(space.mappings, node.start, node.size);
            if (mappings.length === 0) return;
            const [first, last] = [mappings[0], mappings[mappings.length - 1]];
            // Both are the region with the kernel's text.
            const role = node.role === "image" ? "kernel" : node.role;
            all.push({ node, role, start: first.virt, size: last.virt + last.size - first.virt, mappings });
        } else if (["space", "half", "group"].includes(node.kind)) node.children.forEach(visit);
    };
    visit(space.root);
    return all;
}

/**
 * Pairs regions that share addresses, then those with the same mappings elsewhere, then those of
 * one role in their order.
 * @param {Mapped[]} a @param {Mapped[]} b
 * @returns {Map<Mapped, Mapped>}
 */
export function pairMapped(a, b) {
    /** @type {Map<Mapped, Mapped>} */
    const pairs = new Map();
    const taken = new Set();
    const pair = (/** @type {Mapped} */ ours, /** @type {Mapped} */ theirs) => {
        pairs.set(ours, theirs);
        taken.add(theirs);
    };
    let from = 0;
    for (const ours of a) {
        while (from < b.length && b[from].start + b[from].size <= ours.start) from += 1;
        for (let at = from; at < b.length && b[at].start < ours.start + ours.size; at += 1) {
            if (taken.has(b[at]) || !sharesPlace(ours, b[at])) continue;
            pair(ours, b[at]);
            break;
        }
    }
    for (const key of [shape, (/** @type {Mapped} */ { role }) => role]) {
        const ours = groupBy(a.filter((one) => !pairs.has(one)), key);
        const theirs = groupBy(b.filter((one) => !taken.has(one)), key);
        for (const [name, own] of ours) {
            const others = theirs.get(name) ?? [];
            const isClear = own.length === others.length && (key !== shape || own.length === 1);
            if (isClear) own.forEach((one, index) => pair(one, others[index]));
        }
    }
    return pairs;
}

/**
 * @template T, K
 * @param {T[]} all @param {(one: T) => K} key
 * @returns {Map<K, T[]>}
 */
function groupBy(all, key) {
    /** @type {Map<K, T[]>} */
    const groups = new Map();
    for (const one of all) {
        const own = groups.get(key(one));
        if (own === undefined) groups.set(key(one), [one]);
        else own.push(one);
    }
    return groups;
}

/** Of two roles, most of the addresses must be shared. @param {Mapped} a @param {Mapped} b */
function sharesPlace(a, b) {
    if (!overlaps(a.start, a.size, b.start, b.size)) return false;
    if (a.role === b.role) return true;
    const start = a.start > b.start ? a.start : b.start;
    const [endA, endB] = [a.start + a.size, b.start + b.size];
    const shared = (endA < endB ? endA : endB) - start;
    return 2n * shared >= (a.size > b.size ? a.size : b.size);
}

/**
 * Returns the mappings without their place; a role that only a layout can name is no difference.
 * @param {Mapped} of
 */
function shape({ role, start, mappings }) {
    const own = mappings.map(({ virt, size, access }) => `${virt - start}+${size}${access}`);
    return `${NAMED.has(role) ? "" : role} ${own.join()}`;
}

/**
 * Pairs the parts of two regions by name, then by permission, in their order.
 * @param {Node} a @param {Node} b
 * @returns {Map<Node, Node>}
 */
export function pairParts(a, b) {
    /** @type {Map<Node, Node>} */
    const pairs = new Map();
    const taken = new Set();
    const [ours, theirs] = [a, b].map(partsOf);
    for (const key of /** @type {const} */ (["label", "access"])) {
        const others = groupBy(theirs.filter((part) => !taken.has(part)), (part) => part[key]);
        for (const part of ours.filter((part) => !pairs.has(part))) {
            const other = others.get(part[key])?.shift();
            if (other === undefined) continue;
            pairs.set(part, other);
            taken.add(other);
        }
    }
    return pairs;
}

/**
 * Returns the mapped parts, from the lowest address to the highest.
 * @param {Node} of @returns {Node[]}
 */
export function partsOf(of) {
    return of.children.flatMap((child) => (child.kind === "group" ? partsOf(child) : child.kind === "part" ? [child] : []));
}

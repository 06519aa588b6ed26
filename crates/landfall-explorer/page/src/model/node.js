/** Nodes of a tree of addresses. */

import { visible } from "../text/visible.js";
import { LEAVES, hex } from "./address.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {import("../types.js").Entry} Entry */

/** More children than this are put into groups; a page table has as many entries. */
export const MOST_CHILDREN = 512;
/** The number of children in a group. */
const GROUP = 64;

/**
 * @typedef {Partial<Node> & { key: string, kind: Node["kind"], start: bigint, size: bigint }} Own
 */

/** A node whose children are made when they are first needed. @implements {Node} */
class LazyNode {
    /** @type {Node[] | null} */
    #children = null;
    #make;
    /** @type {Node | null} */
    parent = null;

    /** @param {Own} own @param {((parent: Node) => Node[]) | null} make */
    constructor(own, make) {
        this.#make = make;
        this.key = own.key;
        this.kind = own.kind;
        this.role = own.role ?? "";
        this.label = visible(own.label ?? "");
        this.start = own.start;
        this.size = own.size;
        this.access = own.access ?? null;
        this.leaf = own.leaf ?? null;
        this.phys = own.phys ?? null;
        this.unmapped = own.unmapped ?? null;
        this.even = own.even ?? false;
        this.count = own.count ?? null;
    }

    /** @returns {Node[]} */
    get children() {
        if (this.#children === null) {
            this.#children = this.#make === null ? [] : this.#make(this);
            for (const child of this.#children) {
                child.parent = this;
                if (child.role === "") child.role = this.role;
            }
        }
        return this.#children;
    }
}

/**
 * Makes a node. `make` returns its children when they are first needed.
 * @param {Own} own @param {((parent: Node) => Node[]) | null} [make]
 * @returns {Node}
 */
export function node(own, make = null) {
    return new LazyNode(own, make);
}

/** Returns a node as an entry of a list. @param {Node} of @returns {Entry} */
export function entryOf(of) {
    return { start: of.start, size: of.size, make: () => of };
}

/** Returns the address after the last one. @param {{ start: bigint, size: bigint }} of */
export function end(of) {
    return of.start + of.size;
}

/** Returns the node and those above it, from the root. @param {Node} of */
export function path(of) {
    const nodes = [];
    for (let at = /** @type {Node | null} */ (of); at !== null; at = at.parent) nodes.unshift(at);
    return nodes;
}

/** Returns the child that contains the address. @param {Node} of @param {bigint} address */
export function childAt(of, address) {
    const { children } = of;
    let low = 0;
    let high = children.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (end(children[middle]) <= address) low = middle + 1;
        else high = middle;
    }
    const found = children[low];
    return found !== undefined && found.start <= address ? found : null;
}

/**
 * Returns the deepest node that contains the address and that `enter` permits.
 * @param {Node} root @param {bigint} address @param {(node: Node) => boolean} [enter]
 */
export function nodeAt(root, address, enter = () => true) {
    if (address < root.start || address >= end(root)) return null;
    let at = root;
    for (;;) {
        const child = childAt(at, address);
        if (child === null || !enter(child)) return at;
        at = child;
    }
}

/** Returns the node with the key. @param {Node} root @param {string} key */
export function nodeByKey(root, key) {
    let at = root;
    while (at.key !== key) {
        const next = at.children.find((child) => key === child.key || key.startsWith(child.key + "/"));
        if (next === undefined) return null;
        at = next;
    }
    return at;
}

/**
 * Divides a mapping as page tables do: into leaves, or into tables of at most 512 of them.
 * @param {Mapping} mapping
 * @param {(start: bigint) => bigint | null} physOf
 */
export function leavesOf(mapping, physOf) {
    return blocks({ noun: ["leaf", "leaves"], leaf: mapping.leaf, access: mapping.access, physOf });
}

/**
 * Returns the maker of children that lie at multiples of a power of two.
 * @param {{ noun: [string, string], leaf: import("./address.js").LeafName, access: Node["access"],
 *     physOf: (start: bigint) => bigint | null }} of
 * @returns {(parent: Node) => Node[]}
 */
export function blocks({ noun, leaf, access, physOf }) {
    const unit = LEAVES[leaf];
    const make = (/** @type {Node} */ parent) => {
        if (parent.size <= unit) return [];
        const last = end(parent) - 1n;
        let span = unit;
        while (last / span - parent.start / span >= BigInt(MOST_CHILDREN)) span *= BigInt(MOST_CHILDREN);
        const children = [];
        for (let start = parent.start; start <= last; ) {
            const next = (start / span + 1n) * span;
            const size = (next < end(parent) ? next : end(parent)) - start;
            const key = `${parent.key}/${hex(start)}`;
            const place = { key, start, size, access, leaf, phys: physOf(start) };
            if (span === unit) children.push(node({ ...place, kind: "leaf", label: `${noun[0]} of ${leaf}` }));
            else {
                const label = `${(size + unit - 1n) / unit} ${noun[1]} of ${leaf}`;
                children.push(node({ ...place, kind: "table", label, even: true }, make));
            }
            start += size;
        }
        return children;
    };
    return make;
}

/**
 * Makes the children of a node. Many of them are put into groups of a few, and those into groups
 * again. So each list can be read, and each box be seen. A group makes its children when they are
 * needed.
 * @param {Entry[]} entries @param {Node} parent @param {string} noun
 * @returns {Node[]}
 */
export function grouped(entries, parent, noun) {
    if (entries.length <= MOST_CHILDREN) return entries.map(({ make }) => make());
    let size = GROUP;
    while (entries.length / size > GROUP) size *= GROUP;
    return split(entries, 0, size, parent.key, parent.key, noun);
}

/**
 * @param {Entry[]} entries @param {number} before @param {number} size
 * @param {string} above the key of the groups' parent
 * @param {string} original that of the children's
 * @param {string} noun
 * @returns {Node[]}
 */
function split(entries, before, size, above, original, noun) {
    const groups = [];
    for (let first = 0; first < entries.length; first += size) {
        const own = entries.slice(first, first + size);
        const [start, stop] = [own[0].start, end(own[own.length - 1])];
        const from = before + first;
        const key = `${above}/${noun}-${from}`;
        const label = `${noun} ${from + 1} to ${from + own.length}`;
        const make = () => {
            if (size > GROUP) return split(own, from, size / GROUP, key, original, noun);
            const children = own.map(({ make }) => make());
            for (const child of children) child.key = key + child.key.slice(original.length);
            return children;
        };
        groups.push(node({ key, kind: "group", label, start, size: stop - start, count: own.length }, make));
    }
    return groups;
}

/**
 * Places of nodes on a line from 0 (the highest address) to 1 (the lowest).
 *
 * True to scale, 256 TiB show nothing of a kernel of 220 KiB. So the height of a region grows with
 * the logarithm of its size, and with its share only if nothing is mapped. Leaves divide their
 * stretch evenly, and the strips above the drawing are to scale.
 */

import { pageBits, ratio } from "../model/address.js";
import { end } from "../model/node.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {{ top: number, height: number }} Place */

/** A node with more weight than this grows slowly, so that one region does not fill the drawing. */
const LARGE = 9;

/** Returns the weight of a node among its siblings. @param {Node} node @returns {number} */
export function weight(node) {
    if (node.kind === "hole") return 0.6;
    if (node.kind === "gap") return gapWeight(node);
    // The children of a group are not made for its weight.
    if (node.count === null && (node.even || node.children.length === 0)) return 1.3 + 0.08 * pageBits(node.size);
    const sum = node.count ?? node.children.reduce((total, child) => total + weight(child), 0);
    const own = Math.max(sum, 1.5);
    return own <= LARGE ? own : LARGE + 3 * Math.log2(own / LARGE);
}

/** @param {Node} node */
function gapWeight(node) {
    if (node.role === "guard") return 0.3;
    const parent = node.parent;
    if (parent?.kind === "half") return 0.8 + 4 * ratio(node.size, parent.size) * (parent.children.length > 1 ? 1 : 0.2);
    return 0.6;
}

export class Layout {
    /** @type {Map<string, Place>} */
    #places = new Map();

    /** @param {Node} root */
    constructor(root) {
        this.root = root;
        this.#places.set(root.key, { top: 0, height: 1 });
    }

    /** Places the children of a node. @param {Node} node */
    #lay(node) {
        const { top, height } = this.#own(node);
        const weights = node.children.map(weight);
        const sum = weights.reduce((total, one) => total + one, 0);
        let at = top;
        for (let index = node.children.length - 1; index >= 0; index -= 1) {
            const own = (height * weights[index]) / sum;
            this.#places.set(node.children[index].key, { top: at, height: own });
            at += own;
        }
    }

    /** Returns the place of a node that has one of its own. @param {Node} node @returns {Place} */
    #own(node) {
        const { parent } = node;
        if (!this.#places.has(node.key) && parent !== null) this.#lay(parent);
        return this.#places.get(node.key) ?? { top: 0, height: 1 };
    }

    /**
     * Returns a node's place. `morph` moves those with a place of their own.
     * @param {Node} node @param {Morph | null} morph
     * @returns {Place}
     */
    place(node, morph = null) {
        let base = node;
        for (let at = node.parent; at !== null; at = at.parent) if (at.even) base = at;
        const found = this.#own(base);
        const own = morph === null ? found : morph.place(base.key, found);
        return base === node ? own : inside(base, own, node.start, node.size);
    }

    /**
     * Returns the place of a range of addresses within a node, whose children divide it evenly.
     * @param {Node} node @param {bigint} start @param {bigint} size @param {Morph | null} morph
     */
    range(node, start, size, morph = null) {
        return inside(node, this.place(node, morph), start, size);
    }

    /** Returns the place of a node by its key, if it was needed before. @param {string} key */
    own(key) {
        return this.#places.get(key) ?? null;
    }
}

/**
 * @param {Node} node @param {Place} place @param {bigint} start @param {bigint} size
 * @returns {Place}
 */
function inside(node, { top, height }, start, size) {
    const from = start < node.start ? node.start : start;
    const to = start + size > end(node) ? end(node) : start + size;
    return { top: top + height * ratio(end(node) - to, node.size), height: height * ratio(to - from, node.size) };
}

/** A movement from one layout to the next. Nodes are the same if their keys are. */
export class Morph {
    /** 0 at its start, 1 at its end. */
    progress = 0;

    /** @param {Layout} from */
    constructor(from) {
        this.from = from;
    }

    /** @param {string} key @param {Place} to @returns {Place} */
    place(key, to) {
        const from = this.from.own(key);
        const t = ease(this.progress);
        if (from === null) return { top: to.top + (to.height / 2) * (1 - t), height: to.height * t };
        return { top: from.top + (to.top - from.top) * t, height: from.height + (to.height - from.height) * t };
    }
}

/** @param {number} t */
function ease(t) {
    return t < 0.5 ? 4 * t ** 3 : 1 - (-2 * t + 2) ** 3 / 2;
}

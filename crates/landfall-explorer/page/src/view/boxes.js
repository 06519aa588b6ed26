/** The boxes of a column that can be seen: a pure function of tree, layout and zoom. */

import { end } from "../model/node.js";
import { portion } from "../model/address.js";
import { chainOf, levels } from "./levels.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("./layout.js").Layout} Layout */
/** @typedef {import("./layout.js").Morph} Morph */
/**
 * @typedef {{ node: Node, depth: number, x: number, width: number, top: number, bottom: number,
 *     dense: boolean, terminal: boolean }} Box
 */
/** @typedef {{ k: number, y: number }} Zoom pixels per pixel of the whole, and the whole's top */
/**
 * @typedef {{ layout: Layout, morph: Morph | null, zoom: Zoom, width: number, height: number }}
 *     View
 */

/** A box lower than this many pixels is not drawn. */
const LEAST = 1.6;
/** Children lower than this on average are drawn as a texture. */
const DENSE = 3;
/** No view has more boxes, whatever the document holds. */
export const MOST_BOXES = 1500;

/**
 * Returns the top and bottom of a place in pixels of the view.
 * @param {View} view @param {{ top: number, height: number }} place
 */
export function pixels({ zoom, height }, place) {
    const top = place.top * height * zoom.k + zoom.y;
    return { top, bottom: top + place.height * height * zoom.k };
}

/**
 * Returns the boxes that can be seen, parents before children.
 * @param {View} view
 * @returns {Box[]}
 */
export function boxes(view) {
    const { layout, morph, width, height } = view;
    const place = (/** @type {Node} */ node) => pixels(view, layout.place(node, morph));
    const share = (/** @type {Node} */ node) => {
        const { top, bottom } = place(node);
        return (Math.min(bottom, height) - Math.max(top, 0)) / height;
    };
    const middle = chainOf(layout.root, (node) => childAtPixel(node, height / 2, place));
    const columns = levels(middle, share, width, layout.root.key === "p" ? 2 : 3);
    /** @type {Box[]} */
    const found = [];
    const visit = (/** @type {Node} */ node, /** @type {number} */ depth) => {
        const level = columns[depth];
        if (level === undefined) return false;
        const children = seen(node, place, height);
        let any = false;
        for (let index = children.length - 1; index >= 0; index -= 1) {
            const child = children[index];
            const { top, bottom } = place(child);
            if (bottom <= 0 || top >= height || bottom - top < LEAST || found.length >= MOST_BOXES) continue;
            any = true;
            const inner = columns.slice(depth + 1).reduce((sum, { width }) => sum + width, 0);
            const isDense = child.even && child.children.length > 0 && (bottom - top) / child.children.length < DENSE;
            const isEnd = child.children.length === 0;
            const box = { node: child, depth: depth + 1, x: level.x, width: isEnd ? level.width + inner : level.width, top, bottom, dense: false, terminal: isEnd };
            found.push(box);
            if (isDense || isEnd || !visit(child, depth + 1)) {
                box.terminal = true;
                if (!isEnd && inner > 0) {
                    found.push({ ...box, x: level.x + level.width, width: inner, depth: depth + 2, dense: true, terminal: false });
                }
            }
        }
        return any;
    };
    visit(layout.root, 0);
    return found.filter((box) => box.width > 0.5);
}

/**
 * Returns the children that may be seen. Those of an even node are found by their addresses.
 * @param {Node} node @param {(node: Node) => { top: number, bottom: number }} place
 * @param {number} height
 */
function seen(node, place, height) {
    if (!node.even) return node.children;
    const { top, bottom } = place(node);
    const from = addressAt(node, top, bottom, Math.min(bottom, height));
    const to = addressAt(node, top, bottom, Math.max(top, 0));
    return node.children.filter((child) => child.start <= to && end(child) > from);
}

/**
 * Returns the address at a pixel of an even node.
 * @param {Node} node @param {number} top @param {number} bottom @param {number} y
 */
export function addressAt(node, top, bottom, y) {
    if (bottom <= top) return node.start;
    const fraction = Math.min(1, Math.max(0, (bottom - y) / (bottom - top)));
    const address = node.start + portion(node.size, fraction);
    return address < end(node) ? address : end(node) - 1n;
}

/** A node that covers more of the view is the place which the view shows. */
const MOST_OF_VIEW = 0.7;

/**
 * Returns the deepest node that covers most of the view, and the address at the middle.
 * @param {View} view
 */
export function placeInView(view) {
    const { layout, height } = view;
    const place = (/** @type {Node} */ node) => pixels(view, layout.place(node));
    const chain = chainOf(layout.root, (node) => childAtPixel(node, height / 2, place));
    const covers = (/** @type {Node} */ node) => {
        const { top, bottom } = place(node);
        return Math.min(bottom, height) - Math.max(top, 0) > MOST_OF_VIEW * height;
    };
    const deepest = chain[chain.length - 1];
    const { top, bottom } = place(deepest);
    return { node: chain.findLast(covers) ?? layout.root, address: addressAt(deepest, top, bottom, height / 2) };
}

/**
 * @param {Node} node @param {number} y
 * @param {(node: Node) => { top: number, bottom: number }} place
 */
function childAtPixel(node, y, place) {
    const own = place(node);
    if (own.bottom - own.top < 40) return null;
    if (node.even) {
        const address = addressAt(node, own.top, own.bottom, y);
        return node.children.find((child) => child.start <= address && address < end(child)) ?? null;
    }
    return (
        node.children.find((child) => {
            const { top, bottom } = place(child);
            return top <= y && y < bottom;
        }) ?? null
    );
}

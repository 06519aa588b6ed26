/**
 * Bands between the two columns: from addresses to their memory, or from a thing to itself in the
 * other document.
 */

import { select } from "d3-selection";

import { nodeAt } from "../model/node.js";
import { permissionMark } from "../text/permissions.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("./column.js").Column} Column */
/**
 * @typedef {{ key: string, node: Node, from: { top: number, bottom: number }, to: { top: number,
 *     bottom: number }, access: string, isSelected: boolean }} Band
 */

/** More bands than this say nothing. */
const MOST = 240;
/** More selected bands than this have no outlines. */
const MOST_OUTLINES = 12;

/**
 * Returns the bands from the mapped boxes that end a branch to their memory.
 * @param {Column} virtual @param {Column} memory @param {(node: Node) => boolean} isSelected
 * @returns {Band[]}
 */
export function memoryBands(virtual, memory, isSelected) {
    const root = memory.view.layout.root;
    const bands = [];
    for (const { node, top, bottom, terminal, dense } of virtual.boxes) {
        if (!terminal || dense || node.phys === null || bands.length >= MOST) continue;
        const low = nodeAt(root, node.phys, (child) => !child.even || child.kind === "piece");
        const high = nodeAt(root, node.phys + node.size - 1n, (child) => !child.even || child.kind === "piece");
        if (low === null || high === null) continue;
        const bottomOf = memory.pixels(low, node.phys, node.size).bottom;
        const topOf = memory.pixels(high, node.phys, node.size).top;
        bands.push({ key: node.key, node, from: { top, bottom }, to: { top: topOf, bottom: bottomOf }, access: permissionMark(node.access).name, isSelected: isSelected(node) });
    }
    return bands;
}

/**
 * Returns the bands between nodes of two documents.
 * @param {Column} left @param {Column} right @param {Map<Node, Node>} pairs
 * @param {(node: Node) => boolean} isSelected
 * @returns {Band[]}
 */
export function pairBands(left, right, pairs, isSelected) {
    const bands = [];
    for (const { node, top, bottom, dense, terminal } of left.boxes) {
        const other = pairs.get(node);
        // Bands of parts say more than that of their region.
        if (other === undefined || dense || (!terminal && node.children.some((child) => pairs.has(child)))) continue;
        const to = right.pixels(other, other.start, other.size);
        bands.push({ key: node.key, node, from: { top, bottom }, to, access: permissionMark(node.access).name, isSelected: isSelected(node) || isSelected(other) });
    }
    return bands.slice(0, MOST);
}

/**
 * Draws the bands. A band whose other end is out of view leads to the edge there.
 * @param {SVGGElement} group @param {Band[]} bands
 * @param {{ x1: number, x2: number, height: number }} place
 */
export function drawBands(group, bands, { x1, x2, height }) {
    const middle = (x1 + x2) / 2;
    const bound = (/** @type {number} */ y) => Math.min(height, Math.max(0, y));
    const shape = (/** @type {Band} */ { from, to }) => {
        const [a, b] = [bound(from.top), bound(Math.max(from.bottom, from.top + 1))];
        const [c, d] = [bound(to.top), bound(Math.max(to.bottom, to.top + 1))];
        return `M${x1},${a}C${middle},${a} ${middle},${c} ${x2},${c}L${x2},${d}C${middle},${d} ${middle},${b} ${x1},${b}Z`;
    };
    const shown = bands.filter(({ to, isSelected }) => isSelected || (to.bottom >= 0 && to.top <= height));
    // Many outlines side by side would hide the bands.
    const outline = shown.filter(({ isSelected }) => isSelected).length > MOST_OUTLINES ? " selected many" : " selected";
    shown.sort((a, b) => Number(a.isSelected) - Number(b.isSelected));
    select(group)
        .selectAll("path")
        .data(shown, (/** @type {any} */ band) => band.key)
        .join("path")
        .attr("class", (band) => `band access-${band.access}${band.isSelected ? outline : ""}`)
        .attr("data-link", (band) => band.key)
        .attr("d", shape)
        .order();
}

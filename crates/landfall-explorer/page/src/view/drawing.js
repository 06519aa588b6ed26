/** The drawing: two columns and the bands between them, with pointer, hover and zoom. */

import { select } from "d3-selection";

import { isStill } from "../dom.js";
import { sentence } from "../model/explain.js";
import { hasFinding, isActive, nodeFilter } from "../model/filter.js";
import { nodeAt, path } from "../model/node.js";
import { pairRegions } from "../model/regions.js";
import { Column } from "./column.js";
import { drawBands, memoryBands, pairBands } from "./links.js";
import { addressAt } from "./boxes.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../state/store.js").Side} Side */

const MOVE = 650;
/** Below this width the addresses stand in the boxes, without a gutter. */
const WIDE = 720;

export class Drawing {
    /** @type {Map<Node, Node>} */
    #pairs = new Map();
    /** @type {Set<Node>} */
    #differing = new Set();
    #frame = 0;
    /** The column that a person moved since the last selection. @type {Column | null} */
    #last = null;

    /**
     * @param {HTMLElement} host @param {Store} store
     * @param {(text: string) => void} hover shows the facts of the box under the pointer
     */
    constructor(host, store, hover) {
        this.host = host;
        this.store = store;
        const svg = select(host).append("svg").attr("aria-hidden", "true");
        this.svg = /** @type {SVGSVGElement} */ (svg.node());
        this.#hatch(svg);
        this.bands = /** @type {SVGGElement} */ (svg.append("g").attr("class", "bands").node());
        const changed = () => this.schedule();
        // In a frame of a document the wheel scrolls the document, until the drawing has the focus.
        const takesWheel = () => window.parent === window || host === document.activeElement;
        this.left = new Column(this.svg, { name: "left", isMirrored: false, clip: "clip-left", changed, moved: () => this.#moved(this.left), takesWheel });
        this.right = new Column(this.svg, { name: "right", isMirrored: true, clip: "clip-right", changed, moved: () => this.#moved(this.right), takesWheel });
        for (const column of [this.left, this.right]) this.#listen(column, hover);
        store.on("documents", () => this.#load());
        store.on("selection", (how) => this.#selected(how ?? {}));
        store.on("filter", () => this.schedule());
        store.on("zoom", ({ side, node }) => this.#zoom(side, node));
        new ResizeObserver(() => this.#resize()).observe(host);
        this.#load();
    }

    /** @param {Side} side @param {Node} node */
    #zoom(side, node) {
        this.column(side, node)?.zoomTo(node);
        this.#view({ side, node, address: node.start }, () => true);
    }

    /** Reports the place that a column shows after a person moved it. @param {Column} column */
    #moved(column) {
        this.#last = column;
        const { node, address } = column.place;
        this.#view({ side: this.#side(column), node, address }, (selected) => column.shows(selected));
    }

    /**
     * Reports the place in view. A selection within it that is in sight stays the place.
     * @param {import("../state/store.js").Selection} place
     * @param {(selected: Node) => boolean} isSeen
     */
    #view(place, isSeen) {
        const { selection } = this.store;
        const isPlace = selection === null ? place.node.kind === "space" : path(selection.node).includes(place.node) && isSeen(selection.node);
        this.store.view(isPlace ? null : place);
    }

    /** Returns the side of a column. @param {Column} column @returns {Side} */
    #side(column) {
        return this.store.isComparing && column === this.right ? "b" : "a";
    }

    /** @param {import("d3-selection").Selection<any, any, any, any>} svg */
    #hatch(svg) {
        const pattern = svg.append("defs").append("pattern").attr("id", "hatch");
        pattern.attr("width", 9).attr("height", 9).attr("patternUnits", "userSpaceOnUse");
        pattern.append("path").attr("class", "hatch").attr("d", "M0 9L9 0M-1 1L1 -1M8 10L10 8");
    }

    /** Returns the column that shows a node of a side. @param {Side} side @param {Node} node */
    column(side, node) {
        if (this.store.space(side) === null) return null;
        const isMemory = node.key.startsWith("p");
        if (this.store.isComparing) return isMemory ? null : side === "a" ? this.left : this.right;
        return isMemory ? this.right : this.left;
    }

    #load() {
        const { a, b } = this.store.shown;
        this.host.classList.toggle("empty", a === null);
        if (a === null) return;
        const moves = !isStill() && this.left.layout !== undefined;
        this.left.setRoot(a.root, moves);
        this.right.setRoot(b?.root ?? a.physical, moves && (b !== null) === this.wasComparing);
        this.wasComparing = b !== null;
        this.#pair();
        this.#resize();
        if (moves) this.#animate();
        if (this.#last !== null) this.#moved(this.#last);
    }

    #pair() {
        const { a, b } = this.store.shown;
        this.#pairs.clear();
        this.#differing.clear();
        if (a === null || b === null) return;
        for (const { a: ours, b: theirs, text } of pairRegions(a, b)) {
            if (ours !== null && theirs !== null) this.#pairs.set(ours, theirs);
            for (const node of [ours, theirs]) if (node !== null && text !== null) this.#differing.add(node);
        }
    }

    #animate() {
        const start = performance.now();
        const step = (/** @type {number} */ now) => {
            const progress = Math.min(1, (now - start) / MOVE);
            for (const column of [this.left, this.right]) {
                if (column.morph === null) continue;
                column.morph.progress = progress;
                if (progress === 1) column.morph = null;
            }
            this.draw();
            if (progress < 1) requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
    }

    #resize() {
        const { width, height } = this.host.getBoundingClientRect();
        if (width < 10 || this.left.layout === undefined) return;
        const gutter = width >= WIDE ? 138 : 0;
        const between = Math.max(28, width * 0.07);
        const half = (width - between) / 2;
        const left = this.store.isComparing ? half : half + (width - between) * 0.05;
        select(this.svg).attr("viewBox", `0 0 ${width} ${height}`).attr("width", width).attr("height", height);
        this.left.setPlace({ x: 0, width: left, height, gutter });
        this.right.setPlace({ x: left + between, width: width - between - left, height, gutter });
        this.place = { x1: left, x2: left + between, height };
        this.schedule();
    }

    /** Draws at the next frame. */
    schedule() {
        if (this.#frame === 0) {
            this.#frame = requestAnimationFrame(() => {
                this.#frame = 0;
                this.draw();
            });
        }
    }

    draw() {
        const { a, b } = this.store.shown;
        if (a === null || this.place === undefined) return;
        const { selection, filter } = this.store;
        const isSelected = (/** @type {Node} */ node) => selection?.node === node;
        const marks = (/** @type {import("../types.js").Space} */ space) => {
            const passes = nodeFilter(filter, space);
            return {
                isSelected,
                isDimmed: (/** @type {Node} */ node) => isActive(filter) && node.kind !== "half" && !passes(node),
                isFound: (/** @type {Node} */ node) => !["space", "half", "hole", "gap"].includes(node.kind) && hasFinding(space, node),
                differs: (/** @type {Node} */ node) => this.#differing.has(node),
            };
        };
        this.left.draw(marks(a));
        this.right.draw(marks(b ?? a));
        const isLinked = (/** @type {Node} */ node) => selection !== null && (isWithin(node, selection.node) || (selection.node.key.startsWith("p") && touches(node, selection.node)));
        const passes = nodeFilter(filter, a);
        const bands = b === null ? memoryBands(this.left, this.right, isLinked).filter(({ node }) => passes(node)) : pairBands(this.left, this.right, this.#pairs, isSelected);
        drawBands(this.bands, bands, this.place);
    }

    /** @param {{ zoom?: boolean }} how */
    #selected(how) {
        this.#last = null;
        const { selection } = this.store;
        if (selection !== null) {
            const { side, node } = selection;
            const column = this.column(side, node);
            if (how.zoom) column?.zoomTo(node);
            else column?.reveal(node);
            if (!this.store.isComparing) this.#follow(node);
            else this.#followPair(node);
        }
        this.schedule();
    }

    /** Shows the memory of a selected address. @param {Node} node */
    #follow(node) {
        const space = this.store.space("a");
        if (space === null || node.phys === null || node.key.startsWith("p")) return;
        const { phys, size } = node;
        const holds = (/** @type {Node} */ child) => child.start <= phys && child.start + child.size >= phys + size;
        const memory = nodeAt(space.physical, phys, holds);
        if (memory !== null) this.right.reveal(memory);
    }

    /** @param {Node} node */
    #followPair(node) {
        for (const [ours, theirs] of this.#pairs) {
            if (ours === node) this.right.reveal(theirs);
            if (theirs === node) this.left.reveal(ours);
        }
    }

    /** @param {Column} column @param {(text: string) => void} hover */
    #listen(column, hover) {
        const element = /** @type {SVGGElement} */ (column.group.node());
        const at = (/** @type {Event} */ event) => {
            const group = /** @type {Element} */ (event.target).closest?.("g.box");
            return group === null || group === undefined ? null : /** @type {import("./boxes.js").Box} */ (select(group).datum());
        };
        const side = () => this.#side(column);
        element.addEventListener("click", (event) => {
            const box = at(event);
            if (box === null) return;
            const y = event.clientY - this.svg.getBoundingClientRect().top;
            this.store.select(side(), box.node, addressAt(box.node, box.top, box.bottom, y));
            this.host.focus({ preventScroll: true });
        });
        element.addEventListener("dblclick", (event) => {
            const box = at(event);
            if (box !== null) this.store.zoomTo(side(), box.node);
        });
        element.addEventListener("pointermove", (event) => {
            const box = at(event);
            const space = this.store.space(side());
            hover(box === null || space === null ? "" : sentence(space, box.node));
        });
        element.addEventListener("pointerleave", () => hover(""));
    }
}

/**
 * Returns true if a node is another, or in it; a half or a whole selects nothing.
 * @param {Node} node @param {Node} other
 */
function isWithin(node, other) {
    return node === other || (other.kind !== "space" && other.kind !== "half" && node.key.startsWith(other.key + "/"));
}

/**
 * Returns true if a virtual node's memory is in a physical one.
 * @param {Node} node @param {Node} memory
 */
function touches(node, memory) {
    return node.phys !== null && node.phys < memory.start + memory.size && memory.start < node.phys + node.size;
}

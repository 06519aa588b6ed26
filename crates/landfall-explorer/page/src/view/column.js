/** A column of the drawing: boxes of one tree, with a zoom of its own. */

import { select } from "d3-selection";
import { zoom, zoomIdentity, zoomTransform } from "d3-zoom";
import { active } from "d3-transition";

import { hex } from "../model/address.js";
import { isStill } from "../dom.js";
import { permissionMark } from "../text/permissions.js";
import { boxes, pixels, placeInView } from "./boxes.js";
import { labels } from "./labels.js";
import { Layout, Morph } from "./layout.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("./boxes.js").Box} Box */
/**
 * @typedef {{ isSelected: (node: Node) => boolean, isDimmed: (node: Node) => boolean, isFound:
 *     (node: Node) => boolean, differs: (node: Node) => boolean }} Marks
 */

/**
 * 4 KiB in a mapping of 64 GiB are 400 pixels high at this zoom. Doubles still place them to a
 * tenth of a pixel.
 */
const MOST_ZOOM = 1e11;
/** A box lower than this many pixels is too low to see. */
const LEAST_SEEN = 14;
/** Space between texts of the gutter. */
const GUTTER_LINE = 15;

export class Column {
    /** @type {Box[]} */
    boxes = [];
    /** @type {Morph | null} */
    morph = null;
    width = 0;
    height = 0;
    gutter = 0;
    x = 0;
    /**
     * The end of a movement, from which the next one starts.
     * @type {import("d3-zoom").ZoomTransform | null}
     */
    #goal = null;

    /**
     * @param {SVGSVGElement} svg
     * @param {{ name: string, isMirrored: boolean, clip: string, changed: () => void, moved: () =>
     *     void, takesWheel: () => boolean }} options
     * `moved` is called if a person moves the view
     */
    constructor(svg, { name, isMirrored, clip, changed, moved, takesWheel }) {
        this.isMirrored = isMirrored;
        this.takesWheel = takesWheel;
        this.group = select(svg).append("g").attr("class", "column").attr("data-column", name);
        this.clip = select(svg).append("clipPath").attr("id", clip).append("rect");
        this.back = this.group.append("rect").attr("class", "back");
        this.items = this.group.append("g").attr("clip-path", `url(#${clip})`);
        this.texts = this.group.append("g").attr("class", "gutter");
        this.zoom = /** @type {import("d3-zoom").ZoomBehavior<SVGGElement, unknown>} */ (zoom())
            .scaleExtent([1, MOST_ZOOM])
            .filter((event) => this.#takes(event))
            .on("zoom", (event) => {
                changed();
                if (!event.sourceEvent) return;
                this.#goal = null;
                moved();
            });
        this.group.call(this.zoom).on("dblclick.zoom", null);
    }

    /** Leaves to the page a scroll that would change nothing here. @param {any} event */
    #takes(event) {
        const isWhole = this.transform.k <= 1.001;
        if (event.type === "wheel") return this.takesWheel() && !(isWhole && event.deltaY > 0);
        if (event.type === "touchstart") return !(isWhole && event.touches.length === 1);
        return !event.ctrlKey && !event.button;
    }

    get transform() {
        return zoomTransform(/** @type {SVGGElement} */ (this.group.node()));
    }

    /**
     * Shows a tree. With a morph, boxes of the same key move to their new places.
     * @param {Node} root @param {boolean} moves
     */
    setRoot(root, moves) {
        const before = this.layout;
        this.layout = new Layout(root);
        this.morph = moves && before !== undefined ? new Morph(before) : null;
    }

    /** @param {{ x: number, width: number, height: number, gutter: number }} place */
    setPlace({ x, width, height, gutter }) {
        const before = this.height;
        Object.assign(this, { x, width: width - gutter, height, gutter });
        this.group.attr("transform", `translate(${this.isMirrored ? x : x + gutter},0)`);
        for (const rect of [this.back, this.clip]) rect.attr("width", this.width).attr("height", height);
        this.clip.attr("transform", null);
        this.zoom.extent([
            [0, 0],
            [this.width, height],
        ]);
        this.zoom.translateExtent([
            [-1e6, 0],
            [1e6, height],
        ]);
        if (before !== 0 && before !== height) this.#rescale(height / before);
    }

    /** Keeps the place when the height changes. @param {number} factor */
    #rescale(factor) {
        const { k, y } = this.#goal ?? this.transform;
        this.#move(zoomIdentity.translate(0, y * factor).scale(k), this.#goal !== null && active(this.group.node()) !== null);
    }

    /** @param {import("d3-zoom").ZoomTransform} to @param {boolean} isSlow */
    #move(to, isSlow) {
        this.#goal = to;
        if (isSlow && !isStill()) this.group.transition().duration(450).call(this.zoom.transform, to);
        else this.group.interrupt().call(this.zoom.transform, to);
    }

    /** @returns {import("./boxes.js").View} */
    get view() {
        const { k, y } = this.transform;
        if (this.layout === undefined) throw new Error("a column has a tree before it is drawn");
        return { layout: this.layout, morph: this.morph, zoom: { k, y }, width: this.width, height: this.height };
    }

    /** Returns a box's left edge in the view. @param {Box} box */
    left(box) {
        return this.isMirrored ? this.width - box.x - box.width : box.x;
    }

    /**
     * Returns the pixels of a range of addresses within a node.
     * @param {Node} node @param {bigint} start @param {bigint} size
     */
    pixels(node, start, size) {
        const { view } = this;
        return pixels(view, view.layout.range(node, start, size, view.morph));
    }

    /**
     * Zooms so that a node takes a share of the height.
     * @param {Node} node @param {number} [share] @param {boolean} [isSlow]
     */
    zoomTo(node, share = 0.86, isSlow = true) {
        const { layout, height } = this.view;
        const place = layout.place(node);
        const k = Math.min(MOST_ZOOM, Math.max(1, share / place.height));
        const y = height / 2 - (place.top + place.height / 2) * height * k;
        const bounded = Math.min(0, Math.max(height * (1 - k), y));
        this.#move(zoomIdentity.translate(0, bounded).scale(k), isSlow);
    }

    /** The view at the end of a movement. @returns {import("./boxes.js").View} */
    get #final() {
        const { view } = this;
        return { ...view, morph: null, zoom: this.#goal ?? view.zoom };
    }

    /** Zooms only if the node is too low to see, or out of view. @param {Node} node */
    reveal(node) {
        const { top, bottom } = pixels(this.#final, this.#final.layout.place(node));
        const isSeen = top >= -1 && bottom <= this.height + 1 && bottom - top >= LEAST_SEEN;
        const fills = top <= 1 && bottom >= this.height - 1;
        if (!isSeen && !fills) this.zoomTo(node, Math.min(0.86, Math.max(0.25, (bottom - top) / this.height)));
    }

    /** Returns true if enough of the node is in view to see it. @param {Node} node */
    shows(node) {
        const { top, bottom } = pixels(this.#final, this.#final.layout.place(node));
        return Math.min(bottom, this.height) - Math.max(top, 0) >= LEAST_SEEN;
    }

    /** Returns the place that the view shows. */
    get place() {
        return placeInView(this.#final);
    }

    /** @param {Marks} marks */
    draw(marks) {
        this.boxes = boxes(this.view);
        // A swipe scrolls the page as long as the whole is shown.
        this.group.style("touch-action", this.transform.k <= 1.001 ? "pan-y" : "none");
        const own = /** @type {import("d3-selection").Selection<SVGGElement, Box, any, any>} */ (this.items.selectAll("g.box"));
        const joined = own
            .data(this.boxes, (box) => `${box.node.key}${box.dense ? "|dense" : ""}`)
            .join((enter) => {
                const group = enter.append("g");
                group.append("rect");
                return group;
            });
        joined
            .attr("class", (box) => this.#classes(box, marks))
            .attr("data-key", (box) => (box.dense ? null : box.node.key))
            .order();
        joined
            .select("rect")
            .attr("x", (box) => this.left(box))
            .attr("width", (box) => Math.max(0.5, box.width))
            .attr("y", (box) => Math.max(box.top, -20))
            .attr("height", (box) => Math.max(1, Math.min(box.bottom, this.height + 20) - Math.max(box.top, -20) - (box.bottom - box.top > 6 ? 1 : 0)));
        joined.each((box, index, groups) => this.#drawLabels(groups[index], box));
        this.#drawGutter();
    }

    /** @param {Box} box @param {Marks} marks */
    #classes(box, marks) {
        const { node } = box;
        const names = ["box", node.kind, `access-${permissionMark(node.access).name}`];
        if (node.role === "guard") names.push("guard");
        if (node.kind === "region" && node.children.length === 0) names.push("kept");
        if (box.dense) names.push("dense");
        if (marks.isSelected(node)) names.push("selected");
        if (marks.isDimmed(node)) names.push("dimmed");
        if (marks.isFound(node)) names.push("found");
        if (marks.differs(node)) names.push("differs");
        return names.join(" ");
    }

    /** @param {SVGGElement} group @param {Box} box */
    #drawLabels(group, box) {
        // The gutter has no address of a box that ends below the view.
        const hasAddress = this.gutter > 0 && box.bottom <= this.height + 1;
        const texts = labels({ ...box, x: this.left(box) }, this.height, hasAddress);
        const marked = select(group).selectAll("text").data(texts).join("text");
        marked
            .attr("class", (label) => label.kind)
            .attr("x", (label) => label.x)
            .attr("y", (label) => label.y)
            .attr("transform", (label) => (label.kind === "spine" ? `rotate(-90 ${label.x} ${label.y})` : null))
            .text((label) => label.text);
    }

    /** Writes the first address of boxes beside them, from the innermost boxes that have room. */
    #drawGutter() {
        const lines = [];
        if (this.gutter > 0) {
            let last = Infinity;
            const ends = this.boxes.filter(({ terminal, node }) => terminal && node.role !== "guard");
            for (const box of ends.sort((a, b) => b.bottom - a.bottom)) {
                if (box.bottom > this.height + 1 || box.bottom > last - GUTTER_LINE || box.bottom < GUTTER_LINE) continue;
                lines.push({ y: box.bottom, text: hex(box.node.start) });
                last = box.bottom;
            }
        }
        const x = this.isMirrored ? this.width + 8 : -8;
        const own = this.texts.selectAll("g").data(lines).join((enter) => {
            const group = enter.append("g");
            group.append("line");
            group.append("text");
            return group;
        });
        own.select("line").attr("x1", x).attr("x2", this.isMirrored ? this.width : 0).attr("y1", (line) => line.y - 0.5).attr("y2", (line) => line.y - 0.5);
        own.select("text").attr("x", x).attr("y", (line) => line.y - 3).attr("text-anchor", this.isMirrored ? "start" : "end").text((line) => line.text);
    }
}

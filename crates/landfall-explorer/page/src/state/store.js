/** The state of the page. Views subscribe to it; they never call each other. */

import { everything } from "../model/filter.js";
import { spacesOf } from "../model/documents.js";
import { path } from "../model/node.js";

/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../../engine.js").Document} Document */
/** @typedef {import("../../engine.js").Request} Request */
/** @typedef {"a" | "b"} Side */
/** @typedef {{ side: Side, node: Node, address: bigint }} Selection */
/** @typedef {"documents" | "selection" | "view" | "filter" | "zoom" | "play"} Topic */

export class Store {
    /** @type {Document[]} */
    documents = [];
    /** One for each root of an audit. @type {Space[]} */
    spaces = [];
    /**
     * The spaces that are shown: one, or two side by side.
     * @type {{ a: Space | null, b: Space | null }}
     */
    shown = { a: null, b: null };
    /** @type {Selection | null} */
    selection = null;
    /**
     * The place that the view was moved to, unless the selection is still in sight.
     * @type {Selection | null}
     */
    viewed = null;
    filter = everything();
    /** @type {Map<Topic, Set<(detail?: any) => void>>} */
    #listeners = new Map();

    /**
     * Calls the listener at each change of the topic.
     * @param {Topic} topic @param {(detail?: any) => void} listener
     */
    on(topic, listener) {
        const all = this.#listeners.get(topic) ?? new Set();
        all.add(listener);
        this.#listeners.set(topic, all);
    }

    /** @param {Topic} topic @param {any} [detail] */
    #tell(topic, detail) {
        this.#listeners.get(topic)?.forEach((listener) => listener(detail));
    }

    /**
     * Shows documents; two are compared. The selected place stays selected if it is there.
     * @param {Document[]} documents
     */
    show(documents) {
        const before = this.selection;
        this.documents = documents;
        const groups = documents.map(spacesOf);
        this.spaces = groups.flat();
        // A refused plan has no space to compare.
        const areTwo = groups.length === 2 && groups.every((group) => group.length > 0);
        const [a = null] = this.spaces;
        const [b = null] = areTwo ? groups[1] : [];
        this.shown = { a, b };
        this.selection = this.viewed = null;
        this.#tell("documents");
        if (before !== null) this.#restore(before);
    }

    /** Shows these of the spaces. @param {Space} a @param {Space | null} b */
    choose(a, b) {
        this.shown = { a, b };
        this.selection = this.viewed = null;
        this.#tell("documents");
    }

    /** The place of the person: where the view was moved to, or else the selection. */
    get place() {
        return this.viewed ?? this.selection;
    }

    /** True if the selection is out of view. */
    get isAway() {
        return this.viewed !== null && this.selection !== null && !path(this.viewed.node).includes(this.selection.node);
    }

    get isComparing() {
        return this.shown.a !== null && this.shown.b !== null;
    }

    /** Returns the space of a side. @param {Side} side */
    space(side) {
        return this.shown[side];
    }

    /**
     * Selects a node, at an address within it.
     * @param {Side} side @param {Node} node @param {bigint} [address]
     * @param {{ zoom?: boolean }} [how]
     */
    select(side, node, address = node.start, how = {}) {
        this.selection = { side, node, address };
        this.viewed = null;
        this.#tell("selection", how);
    }

    deselect() {
        this.selection = this.viewed = null;
        this.#tell("selection", {});
    }

    /**
     * Notes the place that the view shows, or that it shows the selection.
     * @param {Selection | null} place
     */
    view(place) {
        this.viewed = place;
        this.#tell("view");
    }

    /** @param {Partial<import("../model/filter.js").Filter>} change */
    setFilter(change) {
        this.filter = { ...this.filter, ...change };
        this.#tell("filter");
    }

    /**
     * Asks the drawing to show a node as large as possible.
     * @param {Side} side @param {Node} node
     */
    zoomTo(side, node) {
        this.#tell("zoom", { side, node });
    }

    /** @param {Selection} before */
    #restore({ side, node }) {
        const space = this.space(side);
        if (space === null) return;
        const root = node.key.startsWith("p") ? space.physical : space.root;
        let at = root;
        for (;;) {
            const next = at.children.find((child) => node.key === child.key || node.key.startsWith(child.key + "/"));
            if (next === undefined) break;
            at = next;
        }
        if (at !== root) this.select(side, at);
    }
}

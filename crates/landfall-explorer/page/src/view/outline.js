/** The outline: the same nodes as a tree of elements, for screen readers and for keys. */

import { hex, sizeText } from "../model/address.js";
import { findingsOf } from "../model/explain.js";
import { isActive, nodeFilter } from "../model/filter.js";
import { path } from "../model/node.js";
import { permissionMark } from "../text/permissions.js";
import { shortTitle } from "../text/titles.js";
import { h } from "../dom.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../state/store.js").Side} Side */

export class Outline {
    /** The keys of open nodes, which stay open in the next document. @type {Set<string>} */
    #open = new Set();
    /** @type {Map<Node, HTMLElement>} */
    #items = new Map();

    /** @param {HTMLElement} host @param {Store} store */
    constructor(host, store) {
        this.host = host;
        this.store = store;
        host.addEventListener("keydown", (event) => this.#key(event));
        store.on("documents", () => this.#reset());
        store.on("filter", () => this.#render());
        store.on("selection", () => this.#selected());
        this.#reset();
    }

    #reset() {
        for (const { space } of this.#trees()) {
            for (const half of space.root.children) if (half.children.length > 1) this.#open.add(half.key);
            this.#open.add(space.root.key);
        }
        this.#render();
    }

    /** Returns the trees: addresses and memory, or the addresses of both documents. */
    #trees() {
        const { a, b } = this.store.shown;
        if (a === null) return [];
        /** @type {{ side: Side, space: Space, root: Node, name: string }[]} */
        const all = [{ side: "a", space: a, root: a.root, name: b === null ? `virtual addresses, ${a.mode}` : `A: ${shortTitle(a.title)}` }];
        if (b === null) all.push({ side: "a", space: a, root: a.physical, name: "physical memory" });
        else all.push({ side: "b", space: b, root: b.root, name: `B: ${shortTitle(b.title)}` });
        return all;
    }

    #render() {
        const hadFocus = this.host.contains(document.activeElement);
        this.#items.clear();
        const trees = this.#trees();
        const items = trees.map(({ side, space, root, name }, index) => {
            const filter = nodeFilter(this.store.filter, space);
            const passes = (/** @type {Node} */ node) => !isActive(this.store.filter) || filter(node);
            return this.#item(side, space, root, { level: 1, position: index + 1, count: trees.length, name, passes });
        });
        this.host.replaceChildren(...items);
        this.#mark(hadFocus);
    }

    /**
     * @param {Side} side @param {Space} space @param {Node} node
     * @param {{ level: number, position: number, count: number, name: string, passes: (node: Node)
     *     => boolean }} place
     * @returns {HTMLElement}
     */
    #item(side, space, node, { level, position, count, name, passes }) {
        const children = node.children;
        const isOpen = children.length > 0 && this.#open.has(node.key);
        const found = node.kind === "space" || node.kind === "half" ? 0 : findingsOf(space, node).length;
        const { glyph, name: access } = permissionMark(node.access);
        const line = h(
            "span",
            { class: `line access-${access}` },
            h("span", { class: "twist", "aria-hidden": "true" }, children.length === 0 ? "" : isOpen ? "▾" : "▸"),
            h("span", { class: "swatch", "aria-hidden": "true" }, glyph),
            h("span", { class: "what" }, name),
            node.access === null ? null : h("span", { class: "access" }, node.access),
            found > 0 ? h("span", { class: "badge" }, `${found} finding${found === 1 ? "" : "s"}`) : null,
            h("span", { class: "size" }, sizeText(node.size)),
            h("span", { class: "address" }, hex(node.start)),
        );
        const item = h(
            "li",
            {
                role: "treeitem",
                "aria-level": level,
                "aria-posinset": position,
                "aria-setsize": count,
                "aria-expanded": children.length === 0 ? null : String(isOpen),
                "aria-selected": "false",
                tabindex: "-1",
                "data-key": node.key,
                "data-side": side,
            },
            line,
        );
        line.addEventListener("click", (event) => {
            const isTwist = /** @type {Element} */ (event.target).classList.contains("twist");
            if (isTwist) this.#toggle(node);
            else this.store.select(side, node);
        });
        line.addEventListener("dblclick", () => this.store.zoomTo(side, node));
        this.#items.set(node, item);
        if (isOpen) {
            const shown = [...children].reverse().filter(passes);
            const group = h("ul", { role: "group" });
            for (const [index, child] of shown.entries()) {
                group.append(this.#item(side, space, child, { level: level + 1, position: index + 1, count: shown.length, name: child.label, passes }));
            }
            item.append(group);
        }
        return item;
    }

    /** @param {Node} node */
    #toggle(node) {
        if (!this.#open.delete(node.key)) this.#open.add(node.key);
        this.#render();
    }

    #selected() {
        const node = this.store.selection?.node;
        let isNew = false;
        for (const above of node === undefined ? [] : path(node).slice(0, -1)) {
            if (!this.#open.has(above.key)) {
                this.#open.add(above.key);
                isNew = true;
            }
        }
        if (isNew) this.#render();
        else this.#mark(this.host.contains(document.activeElement));
    }

    /**
     * Marks the selection; without one, the first item takes the focus.
     * @param {boolean} hasFocus
     */
    #mark(hasFocus) {
        const node = this.store.selection?.node;
        const current = (node && this.#items.get(node)) ?? this.host.querySelector("li");
        for (const item of this.host.querySelectorAll('[aria-selected="true"], [tabindex="0"]')) {
            item.setAttribute("aria-selected", "false");
            item.setAttribute("tabindex", "-1");
        }
        if (!(current instanceof HTMLElement)) return;
        current.setAttribute("tabindex", "0");
        if (node !== undefined) current.setAttribute("aria-selected", "true");
        const line = /** @type {HTMLElement} */ (current.firstElementChild);
        const [box, own] = [this.host.getBoundingClientRect(), line.getBoundingClientRect()];
        if (own.top < box.top || own.bottom > box.bottom) this.host.scrollTop += own.top - box.top - box.height / 3;
        if (hasFocus) current.focus({ preventScroll: true });
    }

    /** The keys of a tree (ARIA Authoring Practices, tree view). @param {KeyboardEvent} event */
    #key(event) {
        const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("li"));
        if (item === null || event.ctrlKey || event.altKey || event.metaKey) return;
        const lines = /** @type {HTMLElement[]} */ ([...this.host.querySelectorAll("li")]);
        const at = lines.indexOf(item);
        const node = [...this.#items].find(([, own]) => own === item)?.[0];
        if (node === undefined) return;
        const isOpen = item.getAttribute("aria-expanded") === "true";
        /** @type {Record<string, () => void>} */
        const actions = {
            ArrowDown: () => this.#go(lines[at + 1]),
            ArrowUp: () => this.#go(lines[at - 1]),
            Home: () => this.#go(lines[0]),
            End: () => this.#go(lines[lines.length - 1]),
            ArrowRight: () => (isOpen ? this.#go(lines[at + 1]) : node.children.length > 0 && this.#toggle(node)),
            ArrowLeft: () => (isOpen ? this.#toggle(node) : this.#go(item.parentElement?.closest("li"))),
            Enter: () => this.store.zoomTo(/** @type {Side} */ (item.dataset.side), node),
            " ": () => this.store.select(/** @type {Side} */ (item.dataset.side), node),
        };
        const action = actions[event.key];
        if (action === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        action();
    }

    /** Selects the node of an item. @param {Element | null | undefined} item */
    #go(item) {
        const found = [...this.#items].find(([, own]) => own === item);
        if (found !== undefined) this.store.select(/** @type {Side} */ (found[1].dataset.side), found[0]);
    }
}

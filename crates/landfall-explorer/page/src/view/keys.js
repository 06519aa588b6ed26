/** Keys of the drawing. Keys of the outline are its own. */

import { aliasesOf } from "../model/explain.js";
import { following } from "../model/aliases.js";
import { nodeAt } from "../model/node.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../state/store.js").Side} Side */

/** The keys, for the help. */
export const KEYS = [
    ["↑ ↓", "the next higher or lower sibling"],
    ["← →", "from addresses to their memory and back; in a comparison, from A to B"],
    ["Enter", "zoom in: select the highest child"],
    ["Escape", "zoom out: select the parent"],
    ["a, A", "the next or previous address of this memory"],
    ["f, F", "the next or previous finding"],
    ["0", "the whole"],
    ["/", "search"],
    ["?", "this list"],
    ["wheel, drag, pinch", "zoom and move; a double click zooms to a box"],
];

/** Announced if a key has no target. */
const NONE = { memory: "No memory is selected.", finding: "No finding." };

/** Returns the deepest node that is no single leaf. @param {Node} root @param {bigint} address */
export function placeAt(root, address) {
    return nodeAt(root, address, (child) => child.kind !== "leaf" && child.kind !== "table");
}

/**
 * Selects the next or previous address of the selected memory, at the same depth of leaves. Returns
 * a text if there is no other one.
 * @param {Store} store @param {1 | -1} step
 */
export function nextAlias(store, step) {
    const { selection } = store;
    const space = store.space(selection?.side ?? "a");
    if (selection === null || space === null || selection.node.phys === null) return NONE.memory;
    const isMemory = selection.node.key.startsWith("p");
    const offset = selection.address - selection.node.start;
    const all = aliasesOf(space, isMemory ? selection.node : frame(selection.node, offset));
    const next = following(all, isMemory ? -1n : selection.address, step);
    if (next === null) return NONE.memory;
    const isLeaf = selection.node.kind === "leaf" || selection.node.kind === "table";
    const node = isLeaf ? nodeAt(space.root, next.virt) : placeAt(space.root, next.virt);
    if (node !== null) store.select(selection.side, node, next.virt);
    return null;
}

/**
 * Returns the frame at an offset, as far as a search for its aliases needs it.
 * @param {Node} node @param {bigint} offset @returns {Node}
 */
function frame(node, offset) {
    return { ...node, phys: (node.phys ?? 0n) + (offset / 4096n) * 4096n, size: 4096n };
}

/**
 * Selects the next or previous finding. Returns a text if there is no other one.
 * @param {Store} store @param {1 | -1} step
 */
export function nextFinding(store, step) {
    const side = store.selection?.side ?? "a";
    const space = store.space(side);
    if (space === null || space.findings.length === 0) return NONE.finding;
    const all = [...space.findings].sort((a, b) => (a.virt < b.virt ? -1 : 1));
    const here = store.place?.address ?? -1n;
    const next = step === 1 ? (all.find(({ virt }) => virt > here) ?? all[0]) : (all.findLast(({ virt }) => virt < here) ?? all[all.length - 1]);
    const node = placeAt(space.root, next.virt);
    if (node !== null) store.select(side, node, next.virt);
    return null;
}

/**
 * The address from which a person last went to a node of memory.
 * @type {WeakMap<Node, { node: Node, address: bigint }>}
 */
const CAME_FROM = new WeakMap();

/**
 * Selects memory from an address, or an address from memory; in a comparison, the other side.
 * @param {Store} store @param {"left" | "right"} to
 */
export function cross(store, to) {
    const { place } = store;
    const space = store.space(place?.side ?? "a");
    if (place === null || space === null) return;
    const { node, address } = place;
    if (store.isComparing) {
        /** @type {Side} */
        const side = to === "left" ? "a" : "b";
        const other = store.space(side);
        const found = other === null || side === place.side ? null : placeAt(other.root, address);
        if (found !== null) store.select(side, found, address);
        return;
    }
    const isMemory = node.key.startsWith("p");
    if (to === "right" && !isMemory && node.phys !== null) {
        const phys = node.phys + (address - node.start);
        const found = placeAt(space.physical, phys);
        if (found === null) return;
        CAME_FROM.set(found, { node, address });
        store.select("a", found, phys);
    }
    if (to === "left" && isMemory) {
        const before = CAME_FROM.get(node);
        if (before !== undefined) return store.select("a", before.node, before.address);
        const [first] = aliasesOf(space, node);
        const found = first === undefined ? null : placeAt(space.root, first.virt);
        if (found !== null) store.select("a", found, first.virt);
    }
}

/**
 * @param {HTMLElement} drawing @param {Store} store
 * @param {{ search: () => void, help: () => void, say: (text: string) => void }} actions
 */
export function mountKeys(drawing, store, actions) {
    const sibling = (/** @type {1 | -1} */ step) => {
        const { side = "a", node = null } = store.place ?? {};
        if (node === null || node.parent === null) return first(store);
        const all = node.parent.children;
        const next = all[all.indexOf(node) + step];
        if (next !== undefined) store.select(side, next);
    };
    const enter = () => {
        const { side = "a", node = null } = store.place ?? {};
        if (node === null) return first(store);
        const child = node.children[node.children.length - 1];
        if (child === undefined) return store.zoomTo(side, node);
        store.select(side, child);
        store.zoomTo(side, node);
    };
    const leave = () => {
        const { side = "a", node = null } = store.place ?? {};
        const parent = node?.parent ?? null;
        if (parent !== null) store.select(side, parent, parent.start, { zoom: true });
        else whole(store);
    };
    /** @type {Record<string, () => void>} */
    const own = {
        ArrowUp: () => sibling(1),
        ArrowDown: () => sibling(-1),
        ArrowLeft: () => cross(store, "left"),
        ArrowRight: () => cross(store, "right"),
        Enter: enter,
        Escape: leave,
    };
    const tell = (/** @type {string | null} */ reason) => reason !== null && actions.say(reason);
    /** @type {Record<string, () => void>} */
    const everywhere = {
        a: () => tell(nextAlias(store, 1)),
        A: () => tell(nextAlias(store, -1)),
        f: () => tell(nextFinding(store, 1)),
        F: () => tell(nextFinding(store, -1)),
        0: () => whole(store),
        "/": actions.search,
        "?": actions.help,
    };
    for (const link of document.querySelectorAll("a.skip")) {
        link.addEventListener("click", (event) => {
            // The address holds the state of the page, and keeps it.
            event.preventDefault();
            const target = link.getAttribute("href") === "#drawing" ? drawing : document.querySelector('#outline [tabindex="0"]');
            if (target instanceof HTMLElement) target.focus();
        });
    }
    document.addEventListener("keydown", (event) => {
        const target = /** @type {Element} */ (event.target);
        if (event.ctrlKey || event.altKey || event.metaKey || target.closest("input, select, textarea, dialog") !== null) return;
        const action = everywhere[event.key] ?? (drawing.contains(target) ? own[event.key] : undefined);
        if (action === undefined) return;
        event.preventDefault();
        action();
    });
}

/** Selects the highest child of the half that has the most. @param {Store} store */
function first(store) {
    const root = store.space("a")?.root;
    if (root === undefined) return;
    const half = root.children.reduce((most, child) => (child.children.length > most.children.length ? child : most));
    const [child] = half.children.slice(-1);
    if (child !== undefined) store.select("a", child);
}

/** @param {Store} store */
function whole(store) {
    store.deselect();
    const { a, b } = store.shown;
    if (a !== null) store.zoomTo("a", a.root);
    if (a !== null && b === null) store.zoomTo("a", a.physical);
    if (b !== null) store.zoomTo("b", b.root);
}

/**
 * The place of the person, to scale: one strip for each level of page tables. A strip has the 512
 * entries of the table that translates the address, with everything that is mapped through them.
 */

import { hex, sizeText } from "../model/address.js";
import { nodeAt } from "../model/node.js";
import { within } from "../model/virtual.js";
import { permissionMark } from "../text/permissions.js";
import { h } from "../dom.js";

/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../state/store.js").Store} Store */

const SVG = "http://www.w3.org/2000/svg";
const ENTRIES = 512n;
const ORDER = ["none", "r", "w", "x", "wx"];

/**
 * Returns the kind of mappings of each entry of the table that translates an address.
 * @param {Space} space @param {bigint} address @param {number} level
 */
export function entries(space, address, level) {
    const span = 1n << BigInt(12 + 9 * level);
    const isRoot = BigInt(12 + 9 * (level + 1)) >= BigInt(space.bits);
    // The root's entries are the canonical addresses alone: the lower half, then the upper one.
    const base = isRoot ? 0n : (address / (span * ENTRIES)) * span * ENTRIES;
    const startOf = (/** @type {bigint} */ index) => {
        const start = base + index * span;
        return isRoot && index >= ENTRIES / 2n ? start + (1n << 64n) - (1n << BigInt(space.bits)) : start;
    };
    const index = Number((address / span) % ENTRIES);
    return { index, span, kinds: kindsOf(space, span, startOf), startOf };
}

/**
 * The kinds of entries of tables, by the first address and the span of an entry.
 * @type {WeakMap<Space, Map<string, string[]>>}
 */
const KINDS = new WeakMap();
/** More tables than this are forgotten. */
const MOST_TABLES = 64;

/** @param {Space} space @param {bigint} span @param {(index: bigint) => bigint} startOf */
function kindsOf(space, span, startOf) {
    const own = KINDS.get(space) ?? new Map();
    KINDS.set(space, own);
    const key = `${startOf(0n)} ${span}`;
    const before = own.get(key);
    if (before !== undefined) return before;
    /** @type {string[]} */
    const kinds = new Array(Number(ENTRIES)).fill("none");
    const mark = (/** @type {bigint} */ from, /** @type {bigint} */ count) => {
        const start = startOf(from);
        for (const mapping of within(space.mappings, start, span * count)) {
            const name = permissionMark(mapping.access).name;
            const first = mapping.virt > start ? (mapping.virt - start) / span : 0n;
            const stop = mapping.virt + mapping.size - 1n - start;
            const last = stop / span < count ? stop / span : count - 1n;
            for (let at = Number(from + first); at <= Number(from + last); at += 1) {
                if (ORDER.indexOf(name) > ORDER.indexOf(kinds[at])) kinds[at] = name;
            }
        }
    };
    mark(0n, ENTRIES / 2n);
    mark(ENTRIES / 2n, ENTRIES / 2n);
    if (own.size >= MOST_TABLES) own.clear();
    own.set(key, kinds);
    return kinds;
}

/** @param {HTMLElement} host @param {Store} store */
export function mountStrips(host, store) {
    const update = () => {
        const { place } = store;
        const space = store.space(place?.side ?? "a");
        host.replaceChildren();
        if (space === null) return;
        const levels = (space.bits - 12) / 9;
        // The drawing below keeps its height, whatever is selected.
        host.style.setProperty("min-height", `${(levels + 1) * 17}px`);
        const node = place?.node ?? null;
        const isMemory = node?.key.startsWith("p") ?? false;
        const address = node === null ? code(space) : isMemory ? aliasOf(space, place?.address ?? node.start) : (place?.address ?? node.start);
        if (address === null || node?.kind === "hole") return;
        host.append(h("p", { class: "hint" }, "page tables of ", h("code", {}, hex(address)), ", to scale"));
        for (let level = levels - 1; level >= 0; level -= 1) host.append(strip(store, space, entries(space, address, level), level));
    };
    store.on("documents", update);
    store.on("selection", update);
    store.on("view", update);
    update();
}

/** Returns the first address that is executable, or else mapped. @param {Space} space */
function code({ mappings }) {
    const found = mappings.findLast(({ access }) => access.includes("X")) ?? mappings[mappings.length - 1];
    return found?.virt ?? null;
}

/** Returns the highest address of memory. @param {Space} space @param {bigint} phys */
function aliasOf(space, phys) {
    const mapping = space.mappings.findLast((one) => one.phys <= phys && phys < one.phys + one.size);
    return mapping === undefined ? null : mapping.virt + (phys - mapping.phys);
}

/**
 * @param {Store} store @param {Space} space @param {ReturnType<typeof entries>} of
 * @param {number} level
 */
function strip(store, space, { index, span, kinds, startOf }, level) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 512 10");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    for (let from = 0; from < kinds.length; ) {
        let to = from;
        while (to < kinds.length && kinds[to] === kinds[from]) to += 1;
        if (kinds[from] !== "none") rect(svg, from, to - from, 1.5, 7, `access-${kinds[from]}`);
        from = to;
    }
    rect(svg, Math.max(0, index - 0.75), 2.5, 0, 10, "cursor");
    svg.addEventListener("click", (event) => {
        const box = svg.getBoundingClientRect();
        const entry = BigInt(Math.min(511, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * 512))));
        const address = startOf(entry);
        const inside = within(space.mappings, address, span)[0]?.virt ?? address;
        const target = inside > address ? inside : address;
        const node = nodeAt(space.root, target, (child) => child.kind !== "leaf" && child.kind !== "table");
        if (node !== null) store.select(store.place?.side ?? "a", node, target);
    });
    const name = `level ${level}, entry ${index} of 512, ${sizeText(span)} each, from ${hex(startOf(BigInt(index)))}; ${sizeText(span * ENTRIES)} in all`;
    const label = [h("span", { class: "long" }, `level ${level}`), h("span", { class: "short" }, `L${level}`), ` · ${index}`];
    return h(
        "div",
        { class: "strip", role: "img", "aria-label": name, title: name },
        h("span", { class: "strip-name" }, ...label),
        /** @type {any} */ (svg),
        h("span", { class: "strip-size" }, sizeText(span * ENTRIES)),
    );
}

/**
 * @param {SVGSVGElement} svg @param {number} x @param {number} width @param {number} y
 * @param {number} height @param {string} name
 */
function rect(svg, x, width, y, height, name) {
    const own = document.createElementNS(SVG, "rect");
    for (const [key, value] of Object.entries({ x, width, y, height, class: name })) own.setAttribute(key, String(value));
    svg.append(own);
}

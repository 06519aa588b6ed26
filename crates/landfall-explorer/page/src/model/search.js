/** The search: an address, a name, a symbol, or a finding. */

import { hex, sizeText } from "./address.js";
import { nodeAt, path } from "./node.js";
import { parsePlace } from "./place.js";
import { describe, symbolsOf } from "./symbols.js";
import { codeOf } from "../text/codes.js";

/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../types.js").Node} Node */
/** @typedef {{ node: Node, address: bigint, title: string, detail: string }} Hit */

/** More hits than this are not listed. */
export const MOST_HITS = 50;

/**
 * Returns the places that the text names, the most exact first.
 * @param {Space} space @param {string} text
 * @returns {Hit[]}
 */
export function search(space, text) {
    const query = text.trim().toLowerCase();
    if (query === "") return [];
    const places = byAddress(space, query);
    // Names are no addresses, and a search of them makes all nodes.
    const isAddress = places.length > 0 && /^(0x|phys:)/.test(query);
    const names = isAddress ? [] : byName(space, query);
    const [exact, others] = isAddress ? [[], []] : bySymbol(space, query);
    return [...places, ...exact, ...byFinding(space, query), ...names, ...others].slice(0, MOST_HITS);
}

/** @param {Space} space @param {string} query @returns {Hit[]} */
function byAddress(space, query) {
    const place = parsePlace(query);
    // Short numbers are words too, such as "bad": they count as addresses only with 0x.
    if (place === null || (!/^(0x|phys:)/.test(query) && query.length < 6)) return [];
    const { address } = place;
    const hits = [];
    for (const [root, kind] of /** @type {const} */ ([
        [space.root, "virtual"],
        [space.physical, "physical"],
    ])) {
        const node = nodeAt(root, address, (child) => child.kind !== "leaf" && child.kind !== "table");
        if (node === null || (place.kind === "physical" && kind === "virtual")) continue;
        const names = path(node).slice(1).map(({ label }) => label);
        const symbol = kind === "virtual" ? describe(space, address) : null;
        if (symbol !== null) names.push(symbol);
        hits.push({ node, address, title: `${kind} ${hex(address)}`, detail: names.join(" › ") || node.label });
    }
    // A place that is mapped comes first.
    const isEmpty = (/** @type {Hit} */ { node }) => Number(node.unmapped !== null || node.kind === "hole");
    return hits.sort((a, b) => isEmpty(a) - isEmpty(b));
}

/**
 * Returns the symbols whose name, or the last part of it, is the text, and those that contain it.
 * @param {Space} space @param {string} query @returns {[Hit[], Hit[]]}
 */
function bySymbol(space, query) {
    /** @type {[Hit[], Hit[]]} */
    const hits = [[], []];
    for (const { name, virt, size } of symbolsOf(space)) {
        const own = name.toLowerCase();
        if (!own.includes(query)) continue;
        const list = own === query || own.endsWith(`::${query}`) ? hits[0] : hits[1];
        const node = nodeAt(space.root, virt, (child) => child.kind !== "leaf" && child.kind !== "table");
        if (node === null || list.length >= MOST_HITS) continue;
        const bytes = size === 0n ? "" : `, ${sizeText(size)}`;
        list.push({ node, address: virt, title: name, detail: `symbol${bytes} at ${hex(virt)}` });
    }
    return hits;
}

/** @param {Space} space @param {string} query @returns {Hit[]} */
function byFinding(space, query) {
    return space.findings
        .filter(({ code, found }) => `${code} ${codeOf(code)?.title ?? ""} ${found}`.toLowerCase().includes(query))
        .map(({ code, virt, size }) => ({
            node: nodeAt(space.root, virt, (child) => child.kind !== "leaf" && child.kind !== "table") ?? space.root,
            address: virt,
            title: `${code} at ${hex(virt)}`,
            detail: `${codeOf(code)?.title ?? "finding"}, ${sizeText(size)}`,
        }));
}

/** @param {Space} space @param {string} query @returns {Hit[]} */
function byName(space, query) {
    /** @type {Hit[]} */
    const hits = [];
    const visit = (/** @type {Node} */ node) => {
        if (hits.length >= MOST_HITS) return;
        const isNamed = node.kind === "region" || node.kind === "part" || node.kind === "piece" || node.kind === "gap";
        if (isNamed && `${node.label} ${node.role}`.toLowerCase().includes(query)) {
            const detail = `${sizeText(node.size)}${node.access ? `, ${node.access}` : ""} at ${hex(node.start)}`;
            const place = node.key.startsWith("p") ? `${node.label}, memory` : node.label;
            hits.push({ node, address: node.start, title: place, detail });
        }
        if (!node.even) node.children.forEach(visit);
    };
    visit(space.root);
    visit(space.physical);
    const exact = (/** @type {Hit} */ { node }) => Number(node.label.toLowerCase() !== query) + Number(node.kind === "gap");
    return hits.sort((a, b) => exact(a) - exact(b));
}

/** The tree of physical memory: extents, and pieces that the same mappings reach. */

import { LEAVES } from "./address.js";
import { blocks, grouped, node } from "./node.js";
import { runName, runs } from "./runs.js";
import { withGaps } from "./virtual.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {{ start: bigint, size: bigint, name: string }} Named */
/** @typedef {{ start: bigint, size: bigint, name: string, mappings: Mapping[] }} Piece */

/**
 * Returns the root of the memory that mappings reach or that has a name.
 * @param {Mapping[]} mappings
 * @param {Named[]} names the last one that contains a piece is its name
 */
export function physicalRoot(mappings, names) {
    const pieces = cut(mappings, names);
    /** @type {Piece[][]} */
    const extents = [];
    for (const piece of pieces) {
        const last = extents[extents.length - 1];
        if (last !== undefined && last[last.length - 1].start + last[last.length - 1].size === piece.start) last.push(piece);
        else extents.push([piece]);
    }
    const last = pieces[pieces.length - 1];
    const size = last === undefined ? 1n << 12n : last.start + last.size;
    return node({ key: "p", kind: "space", label: "physical memory", start: 0n, size }, (root) => {
        const children = extents.map((own, index) => extent(`p/${index}`, own));
        const filled = grouped(withGaps(root, children, "gap"), root, "extents");
        for (const gap of filled) if (gap.kind === "gap") gap.unmapped = "no mapping reaches this memory";
        return filled;
    });
}

/** @param {string} key @param {Piece[]} pieces */
function extent(key, pieces) {
    const start = pieces[0].start;
    const last = pieces[pieces.length - 1];
    const own = { key, kind: /** @type {const} */ ("extent"), label: "memory", start, size: last.start + last.size - start };
    return node(own, (parent) => {
        const all = runs(pieces, ({ name, mappings }) => ({ name, access: accessOf(mappings) }));
        return grouped(all.map((run, index) => (run.length === 1 ? pieceNode(`${parent.key}/${index}`, run[0]) : runNode(`${parent.key}/${index}`, run))), parent, "pieces");
    });
}

/** @param {string} key @param {Piece[]} pieces */
function runNode(key, pieces) {
    const start = pieces[0].start;
    const last = pieces[pieces.length - 1];
    const label = runName(pieces.map(({ name }) => name));
    const own = { key, kind: /** @type {const} */ ("group"), label, start, size: last.start + last.size - start, access: accessOf(pieces[0].mappings) };
    return node(own, (parent) => grouped(pieces.map((piece, index) => pieceNode(`${parent.key}/${index}`, piece)), parent, "pieces"));
}

/** @param {string} key @param {Piece} piece */
function pieceNode(key, { start, size, name, mappings }) {
    const smallest = mappings.reduce((least, { leaf }) => (LEAVES[leaf] < LEAVES[least] ? leaf : least), mappings[0]?.leaf ?? "4K");
    const access = accessOf(mappings);
    const own = { key, kind: /** @type {const} */ ("piece"), label: name, start, size, access, phys: start, mappings, even: true };
    const make = blocks({ noun: ["frame", "frames"], leaf: smallest, access, physOf: (at) => at });
    return node(own, make);
}

/** Returns each permission that one of the mappings has. @param {Mapping[]} mappings */
function accessOf(mappings) {
    if (mappings.length === 0) return null;
    return [..."RWX"].map((letter, index) => (mappings.some(({ access }) => access[index] === letter) ? letter : "-")).join("");
}

/**
 * Cuts memory wherever a mapping or a name begins or ends.
 * @param {Mapping[]} mappings @param {Named[]} names
 */
function cut(mappings, names) {
    /** @type {{ at: bigint, is: "+" | "-", mapping: Mapping | null, name: number | null }[]} */
    const edges = [];
    const add = (/** @type {bigint} */ start, /** @type {bigint} */ size, /** @type {Mapping | null} */ mapping, /** @type {number | null} */ name) => {
        edges.push({ at: start, is: "+", mapping, name }, { at: start + size, is: "-", mapping, name });
    };
    for (const mapping of mappings) add(mapping.phys, mapping.size, mapping, null);
    for (const [index, { start, size }] of names.entries()) add(start, size, null, index);
    edges.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    /** @type {Set<Mapping>} */
    const open = new Set();
    /** @type {Set<number>} */
    const openNames = new Set();
    /** @type {Piece[]} */
    const pieces = [];
    for (const [index, edge] of edges.entries()) {
        if (edge.mapping !== null) edge.is === "+" ? open.add(edge.mapping) : open.delete(edge.mapping);
        if (edge.name !== null) edge.is === "+" ? openNames.add(edge.name) : openNames.delete(edge.name);
        const next = edges[index + 1]?.at;
        if (next === undefined || next === edge.at || open.size + openNames.size === 0) continue;
        const name = openNames.size === 0 ? "memory" : names[Math.max(...openNames)].name;
        push(pieces, { start: edge.at, size: next - edge.at, name, mappings: [...open] });
    }
    return pieces;
}

/** Adds a piece, to the last one if both differ in nothing. @param {Piece[]} pieces @param {Piece} piece */
function push(pieces, piece) {
    const last = pieces[pieces.length - 1];
    const goesOn =
        last !== undefined &&
        last.start + last.size === piece.start &&
        last.name === piece.name &&
        last.mappings.length === piece.mappings.length &&
        last.mappings.every((mapping, index) => mapping === piece.mappings[index]);
    if (goesOn) last.size += piece.size;
    else pieces.push(piece);
}

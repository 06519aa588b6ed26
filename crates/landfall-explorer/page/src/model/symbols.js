/** The symbols of a kernel's ELF, at the addresses of an address space. */

import { hex, parseAddress } from "./address.js";
import { DocumentError } from "./read.js";
import { visible } from "../text/visible.js";

/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../../engine.js").Symbols} Symbols */
/** @typedef {{ name: string, virt: bigint, size: bigint }} Symbol */

/** @type {WeakMap<Space, { symbols: Symbols, placed: Symbol[] | null }>} */
const OF = new WeakMap();

/** Checks the symbols of a document. @param {any} symbols @returns {Symbols | null} */
export function checkedSymbols(symbols) {
    if (symbols === null || symbols === undefined) return null;
    const { base, list, count } = symbols;
    const isNumber = (/** @type {any} */ value) => Number.isSafeInteger(value) && value >= 0;
    const isRow = (/** @type {any} */ row) => Array.isArray(row) && typeof row[0] === "string" && isNumber(row[1]) && isNumber(row[2]);
    const isRight = (base === null || parseAddress(base) !== null) && Array.isArray(list) && list.every(isRow) && isNumber(count);
    if (!isRight) throw new DocumentError('"symbols" is no list of names, offsets and sizes from a base');
    return { base, list, count };
}

/**
 * Gives symbols to an address space.
 * @param {Space} space @param {Symbols | null | undefined} symbols
 */
export function give(space, symbols) {
    if (symbols) OF.set(space, { symbols, placed: null });
}

/** Returns the number of symbols that are listed, and of all. @param {Space} space */
export function counts(space) {
    const symbols = OF.get(space)?.symbols;
    return symbols === undefined ? null : { listed: symbols.list.length, all: symbols.count };
}

/** Returns the symbols in ascending order. @param {Space} space @returns {Symbol[]} */
export function symbolsOf(space) {
    const own = OF.get(space);
    if (own === undefined) return [];
    if (own.placed === null) {
        const base = parseAddress(own.symbols.base ?? space.json.kernel?.virtual);
        const place = (/** @type {[string, number, number]} */ [name, offset, size]) => ({ name: visible(name), virt: BigInt.asUintN(64, (base ?? 0n) + BigInt(offset)), size: BigInt(size) });
        own.placed = base === null ? [] : own.symbols.list.map(place);
        own.placed.sort((a, b) => (a.virt < b.virt ? -1 : a.virt > b.virt ? 1 : 0));
    }
    return own.placed;
}

/**
 * Returns the symbol that has the address, and the distance from it: `main+0x10`. A symbol in
 * another one is the closer one.
 * @param {Space} space @param {bigint} address
 */
export function describe(space, address) {
    const all = symbolsOf(space);
    let low = 0;
    let high = all.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (all[middle].virt <= address) low = middle + 1;
        else high = middle;
    }
    // Symbols can lie within each other, but few do, so the search ends here.
    for (let at = low - 1; at >= Math.max(0, low - 64); at -= 1) {
        const { name, virt, size } = all[at];
        if (address === virt) return name;
        if (address < virt + size) return `${name}+${hex(address - virt)}`;
    }
    return null;
}

/** The tree of physical memory: extents, and pieces that the same mappings reach. */

import { LEAVES } from "./address.js";
import { blocks, grouped, node } from "./node.js";
import { runName, runs } from "./runs.js";
import { withGaps } from "./virtual.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {import("../types.js").Entry} Entry */
/** @typedef {{ start: bigint, size: bigint, name: string }} Named */
/**
 * @typedef {{ start: bigint, size: bigint, name: string, access: string | null, leaf:
 *     import("./address.js").LeafName }} Piece
 */

const ACCESS = ["---", "--X", "-W-", "-WX", "R--", "R-X", "RW-", "RWX"];
const LEAF_NAMES = /** @type {import("./address.js").LeafName[]} */ (Object.keys(LEAVES));

/**
 * Returns the root of the memory that mappings reach or that has a name.
 * @param {Mapping[]} mappings
 * @param {Named[]} names the last one that contains a piece is its name
 */
export function physicalRoot(mappings, names) {
    const pieces = cut(mappings, names);
    const last = pieces[pieces.length - 1];
    const size = last === undefined ? 1n << 12n : last.start + last.size;
    return node({ key: "p", kind: "space", label: "physical memory", start: 0n, size }, (root) => {
        const entries = extents(pieces).map((own, index) => extent(`p/${index}`, own));
        return grouped(withGaps(root, entries, "no mapping reaches this memory"), root, "extents");
    });
}

/** Joins pieces that follow each other. @param {Piece[]} pieces */
function extents(pieces) {
    /** @type {Piece[][]} */
    const all = [];
    let stop = -1n;
    for (const piece of pieces) {
        if (piece.start === stop) all[all.length - 1].push(piece);
        else all.push([piece]);
        stop = piece.start + piece.size;
    }
    return all;
}

/** Returns the place of pieces that follow each other. @param {Piece[]} pieces */
function placeOf(pieces) {
    const start = pieces[0].start;
    const last = pieces[pieces.length - 1];
    return { start, size: last.start + last.size - start };
}

/** @param {string} key @param {Piece[]} pieces @returns {Entry} */
function extent(key, pieces) {
    const place = placeOf(pieces);
    const children = (/** @type {Node} */ parent) =>
        grouped(runs(pieces, (piece) => piece).map((run, index) => (run.length === 1 ? piece : group)(`${parent.key}/${index}`, run)), parent, "pieces");
    return { ...place, make: () => node({ ...place, key, kind: "extent", label: "memory" }, children) };
}

/** @param {string} key @param {Piece[]} pieces @returns {Entry} */
function group(key, pieces) {
    const place = placeOf(pieces);
    const make = () => {
        const label = runName(pieces.map(({ name }) => name));
        const children = (/** @type {Node} */ parent) => grouped(pieces.map((own, index) => piece(`${parent.key}/${index}`, [own])), parent, "pieces");
        return node({ ...place, key, kind: "group", label, access: pieces[0].access }, children);
    };
    return { ...place, make };
}

/** @param {string} key @param {Piece[]} pieces @returns {Entry} */
function piece(key, [{ start, size, name, access, leaf }]) {
    const make = () => node({ key, kind: "piece", label: name, start, size, access, phys: start, even: true }, blocks({ noun: ["frame", "frames"], leaf, access, physOf: (at) => at }));
    return { start, size, make };
}

/** The mappings and names that reach an address, as a sweep passes it. */
class Sweep {
    /**
     * The number of mappings with each letter of their permission, and with each size of leaves.
     */
    #letters = [0, 0, 0];
    #leaves = LEAF_NAMES.map(() => 0);
    /** @type {Set<number>} */
    #names = new Set();
    #mappings = 0;

    /** @param {Edge} edge @param {1 | -1} by */
    pass({ mapping, name }, by) {
        if (mapping !== null) {
            this.#mappings += by;
            this.#leaves[LEAF_NAMES.indexOf(mapping.leaf)] += by;
            for (let letter = 0; letter < 3; letter += 1) if (mapping.access[letter] !== "-") this.#letters[letter] += by;
        } else if (by === 1) this.#names.add(name);
        else this.#names.delete(name);
    }

    get isEmpty() {
        return this.#mappings + this.#names.size === 0;
    }

    /** Each permission that one of the mappings has. */
    get access() {
        const [r, w, x] = this.#letters;
        return this.#mappings === 0 ? null : ACCESS[Number(r > 0) * 4 + Number(w > 0) * 2 + Number(x > 0)];
    }

    /** The smallest leaf. */
    get leaf() {
        const at = this.#leaves.findIndex((count) => count > 0);
        return LEAF_NAMES[at] ?? "4K";
    }

    /** The index of the strongest name. */
    get name() {
        let most = -1;
        for (const name of this.#names) if (name > most) most = name;
        return most;
    }
}

/** @typedef {{ at: bigint, key: number, mapping: Mapping | null, name: number }} Edge */

/**
 * Compares edges by a double, and by their address if that does not suffice.
 * @param {Edge} a @param {Edge} b
 */
function order(a, b) {
    return a.key - b.key || (a.key <= Number.MAX_SAFE_INTEGER ? 0 : a.at < b.at ? -1 : a.at > b.at ? 1 : 0);
}

/**
 * Cuts memory wherever a mapping or a name begins or ends. Pieces that differ in nothing are one.
 * @param {Mapping[]} mappings @param {Named[]} names
 */
function cut(mappings, names) {
    /** @type {Edge[]} */
    const starts = [];
    /** @type {Edge[]} */
    const stops = [];
    const add = (/** @type {bigint} */ start, /** @type {bigint} */ size, /** @type {Mapping | null} */ mapping, /** @type {number} */ name) => {
        const stop = start + size;
        starts.push({ at: start, key: Number(start), mapping, name });
        stops.push({ at: stop, key: Number(stop), mapping, name });
    };
    for (const mapping of mappings) add(mapping.phys, mapping.size, mapping, -1);
    for (const [name, { start, size }] of names.entries()) if (size > 0n) add(start, size, null, name);
    starts.sort(order);
    stops.sort(order);
    const sweep = new Sweep();
    /** @type {Piece[]} */
    const pieces = [];
    let isOther = true;
    let from = 0;
    for (let to = 0; to < stops.length; ) {
        const { at } = from < starts.length && order(starts[from], stops[to]) < 0 ? starts[from] : stops[to];
        for (; to < stops.length && stops[to].at === at; to += 1) {
            sweep.pass(stops[to], -1);
            isOther ||= stops[to].mapping !== null;
        }
        for (; from < starts.length && starts[from].at === at; from += 1) {
            sweep.pass(starts[from], 1);
            isOther ||= starts[from].mapping !== null;
        }
        if (sweep.isEmpty) {
            isOther = true;
            continue;
        }
        const next = from < starts.length && order(starts[from], stops[to]) < 0 ? starts[from].at : stops[to].at;
        const name = names[sweep.name]?.name ?? "memory";
        const last = pieces[pieces.length - 1];
        if (!isOther && last.name === name) last.size += next - at;
        else pieces.push({ start: at, size: next - at, name, access: sweep.access, leaf: sweep.leaf });
        isOther = false;
    }
    return pieces;
}

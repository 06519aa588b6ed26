/**
 * Runs of memory of one kind: 64 stacks, or the pages of a kernel's heap and of its linear map in
 * turn.
 */

/** @typedef {{ name: string, access: string | null }} Kind */

/** Fewer pieces than this stand alone. */
const LEAST = 8;

/**
 * Returns the pieces with each run in a list of its own. A run has one permission, and one kind of
 * name or two that alternate.
 * @template T
 * @param {T[]} pieces @param {(piece: T) => Kind} kindOf
 * @returns {T[][]}
 */
export function runs(pieces, kindOf) {
    const all = [];
    const kinds = pieces.map(kindOf).map(({ name, access }) => ({ access, name: name.replace(/ \d+$/, "") }));
    for (let from = 0; from < pieces.length; ) {
        const to = [1, 2].map((most) => endOfRun(kinds, from, most)).find((stop) => isRun(kinds.slice(from, stop))) ?? from + 1;
        all.push(pieces.slice(from, to));
        from = to;
    }
    return all;
}

/** @param {Kind[]} kinds @param {number} from @param {number} most names */
function endOfRun(kinds, from, most) {
    const names = new Set();
    let at = from;
    for (; at < kinds.length && kinds[at].access === kinds[from].access; at += 1) {
        if (names.add(kinds[at].name).size > most) break;
    }
    return at;
}

/** Returns true if there are many, and no name is a rare one. @param {Kind[]} kinds */
function isRun(kinds) {
    const count = (/** @type {string} */ own) => kinds.filter(({ name }) => name === own).length;
    return kinds.length >= LEAST && [...new Set(kinds.map(({ name }) => name))].every((name) => 8 * count(name) >= kinds.length);
}

/** Returns the name of a run. @param {string[]} names */
export function runName(names) {
    const [first, last] = [names[0], names[names.length - 1]];
    if (/ \d+$/.test(first) && / \d+$/.test(last)) return `${first} to ${last}`;
    return [...new Set(names)].join(" and ");
}

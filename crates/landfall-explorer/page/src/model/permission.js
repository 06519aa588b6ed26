/** The permission of a node: that of its own mapping, and those of the aliases of its memory. */

import { hex } from "./address.js";
import { aliases } from "./aliases.js";
import { permits } from "../text/permissions.js";

/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("./aliases.js").Alias} Alias */
/** @typedef {import("./explain.js").Fact} Fact */

/** The accesses that findings are about. */
const LETTERS = /** @type {const} */ ([
    ["W", "writable"],
    ["X", "executable"],
]);

/**
 * Returns the facts about a node's permission.
 * @param {Space} space @param {Node} node @returns {Fact[]}
 */
export function permissionFacts(space, node) {
    const { access, phys } = node;
    if (access === null) return [];
    if (node.key.startsWith("p")) return [{ term: "permission", text: `${access}: by all mappings of this memory together` }, ...byAll(space, node)];
    const keeps = space.kind === "plan" && node.role === "linear-map" && node.label.startsWith("alias") && !access.includes("W");
    const reason = keeps ? "; a writable alias would undo the protection of text and constants" : "";
    const own = { term: "permission", text: `${access}: ${permits(access)}${reason}` };
    return phys === null ? [own] : [own, { term: "elsewhere", text: elsewhere(space, node, access, phys) }];
}

/** @param {Space} space @param {Node} node @returns {Fact[]} */
function byAll(space, node) {
    const all = aliases(space, node.start, node.size);
    return LETTERS.flatMap(([letter, word]) => {
        const found = all.filter(({ mapping }) => mapping.access.includes(letter));
        return found.length === 0 ? [] : [{ term: word, text: `at ${places(found, node.size)}` }];
    });
}

/**
 * Returns what other mappings of the node's memory permit beyond its own.
 * @param {Space} space @param {Node} node @param {string} access @param {bigint} phys
 */
function elsewhere(space, node, access, phys) {
    const isHere = (/** @type {Alias} */ { virt }) => node.start <= virt && virt < node.start + node.size;
    const others = aliases(space, phys, node.size).filter((alias) => !isHere(alias));
    if (others.length === 0) return "no other mapping has this memory";
    const texts = LETTERS.flatMap(([letter, word]) => {
        const found = access.includes(letter) ? [] : others.filter(({ mapping }) => mapping.access.includes(letter));
        return found.length === 0 ? [] : [`${word} at ${places(found, node.size)}${effect(access, letter)}`];
    });
    return texts.length === 0 ? "other mappings permit no more" : texts.join("; ");
}

/** @param {string} access @param {"W" | "X"} letter that an alias has beside it */
function effect(access, letter) {
    if (letter === "W") return access.includes("X") ? ", so a write there becomes code here" : "";
    return access.includes("W") ? ", so a write here becomes code there" : "";
}

/** @param {Alias[]} found @param {bigint} size of the whole */
function places([first, ...more], size) {
    const part = first.size < size ? " for a part of it" : "";
    return `${hex(first.virt)}${part}${more.length === 0 ? "" : `, and at ${more.length} more`}`;
}

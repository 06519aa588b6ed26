/** A place as a link and a person write it: `0x80200000`, or `phys:0x80200000`. */

import { hex, parseAddress } from "./address.js";

/** The prefix of a place in physical memory. */
const PHYSICAL = "phys:";

/** @param {{ node: import("../types.js").Node, address: bigint }} place */
export function placeText({ node, address }) {
    return (node.key.startsWith("p") ? PHYSICAL : "") + hex(address);
}

/**
 * Reads a place; null if the text is invalid.
 * @param {string | null} text
 * @returns {{ kind: "virtual" | "physical", address: bigint } | null}
 */
export function parsePlace(text) {
    const isPhysical = text?.startsWith(PHYSICAL) === true;
    const address = parseAddress(isPhysical ? text.slice(PHYSICAL.length) : text);
    return address === null ? null : { kind: isPhysical ? "physical" : "virtual", address };
}

/** The facts of a node: everything that a person reads about it, by mouse or by keyboard. */

import { LEAVES, hex, overlaps, sizeText } from "./address.js";
import { aliases } from "./aliases.js";
import { end, path } from "./node.js";
import { permissionFacts } from "./permission.js";
import { concerns } from "./sides.js";
import { describe } from "./symbols.js";
import { within } from "./virtual.js";
import { codeOf } from "../text/codes.js";
import { roleOf } from "../text/roles.js";

/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../types.js").Node} Node */
/** @typedef {{ term: string, text: string, code?: boolean }} Fact */

/**
 * Returns the facts about an address in a node: its place, unless it is the node's own, and its
 * symbol.
 * @param {Space} space @param {Node} node @param {bigint} address
 * @returns {Fact[]}
 */
export function addressFacts(space, node, address) {
    /** @type {Fact[]} */
    const all = address === node.start ? [] : [{ term: "address", text: hex(address), code: true }];
    const symbol = node.key.startsWith("p") ? null : describe(space, address);
    return symbol === null ? all : [...all, { term: "symbol", text: symbol, code: true }];
}

/**
 * Returns the facts, the most important first.
 * @param {Space} space @param {Node} node
 * @returns {Fact[]}
 */
export function facts(space, node) {
    const isPhysical = node.key.startsWith("p");
    /** @type {Fact[]} */
    const all = [
        { term: isPhysical ? "physical" : "virtual", text: `${hex(node.start)} to ${hex(end(node) - 1n)}`, code: true },
        { term: "size", text: sizeText(node.size) },
    ];
    if (!isPhysical && node.phys !== null) all.push({ term: "memory", text: `${hex(node.phys)} to ${hex(node.phys + node.size - 1n)}`, code: true });
    if (node.unmapped !== null) all.push({ term: "not mapped", text: node.unmapped });
    all.push(...permissionFacts(space, node));
    const counts = leafCounts(space, node);
    if (counts !== "") all.push({ term: "leaves", text: counts });
    if (node.leaf !== null && node.kind === "leaf") all.push({ term: "leaf", text: `one entry of a page table, ${sizeText(LEAVES[node.leaf])}` });
    if (!isPhysical) all.push(...obstacles(space, node));
    const role = isPhysical ? null : roleOf(node.role, space.kind);
    if (role !== null) all.push({ term: "region", text: role.why });
    all.push(...randomness(space, node));
    return all;
}

/**
 * Returns one sentence for the live region and the hover.
 * @param {Space} space @param {Node} node
 */
export function sentence(space, node) {
    const what = [node.label, sizeText(node.size), `at ${hex(node.start)}`];
    if (node.access !== null) what.push(node.access);
    else if (node.unmapped !== null) what.push("not mapped");
    if (node.phys !== null && !node.key.startsWith("p")) what.push(`memory at ${hex(node.phys)}`);
    const count = findingsOf(space, node).length;
    if (count > 0) what.push(`${count} finding${count === 1 ? "" : "s"}`);
    return what.join(", ");
}

/** Returns the findings of which the node has a side. @param {Space} space @param {Node} node */
export function findingsOf(space, node) {
    if (node.key.startsWith("p")) {
        return space.findings.filter(({ phys, size }) => phys !== null && overlaps(phys, size, node.start, node.size));
    }
    return space.findings.filter((finding) => concerns(space, finding, node.start, node.size));
}

/** Returns the explanation of a finding. @param {import("../types.js").Finding} finding */
export function findingFacts(finding) {
    const known = codeOf(finding.code);
    return { title: known?.title ?? finding.code, why: known?.why ?? "", fixes: known?.fixes ?? [] };
}

/** Returns the other addresses of the node's memory. @param {Space} space @param {Node} node */
export function aliasesOf(space, node) {
    if (node.phys === null) return [];
    return aliases(space, node.phys, node.size);
}

/**
 * Returns the number of leaves by size, those that lie in the node at least in part.
 * @param {Space} space @param {Node} node
 */
export function leafCounts(space, node) {
    const own = node.key.startsWith("p")
        ? aliases(space, node.start, node.size).map(({ virt, size, mapping }) => ({ start: virt, size, leaf: mapping.leaf }))
        : within(space.mappings, node.start, node.size).map(({ virt, size, leaf }) => {
              const start = virt > node.start ? virt : node.start;
              const stop = virt + size < end(node) ? virt + size : end(node);
              return { start, size: stop - start, leaf };
          });
    const texts = [];
    for (const leaf of /** @type {(keyof typeof LEAVES)[]} */ (Object.keys(LEAVES)).reverse()) {
        const unit = LEAVES[leaf];
        const count = own.filter((run) => run.leaf === leaf).reduce((sum, { start, size }) => sum + (start + size - 1n) / unit - start / unit + 1n, 0n);
        if (count > 0n) texts.push(`${count} × ${leaf}`);
    }
    return texts.join(" + ");
}

/**
 * Returns the larger leaves that are not there.
 * @param {Space} space @param {Node} node @returns {Fact[]}
 */
export function obstacles(space, node) {
    if (!["region", "part", "stretch", "table", "leaf"].includes(node.kind)) return [];
    const own = node.leaf === null ? 0n : LEAVES[node.leaf];
    const listed = space.splits.filter(({ virt, size, leaf }) => LEAVES[leaf] > own && overlaps(virt, size, node.start, node.size));
    listed.sort((a, b) => (LEAVES[a.leaf] < LEAVES[b.leaf] ? -1 : LEAVES[a.leaf] > LEAVES[b.leaf] ? 1 : 0));
    return listed.map(({ virt, leaf, causes }) => ({ term: `no leaf of ${leaf}`, text: `at ${hex(virt)}: ${causes.join("; ")}` }));
}

const BITS = /** @type {Record<string, string>} */ ({
    kernel: "kernel_bits",
    "linear-map": "linear_map_bits",
    near: "near_bits",
    dynamic: "dynamic_bits",
    stacks: "stacks_bits",
});

/** @param {Space} space @param {Node} node @returns {Fact[]} */
function randomness(space, node) {
    const { kaslr } = space.json;
    const region = path(node).find(({ kind }) => kind === "region");
    const key = region === undefined ? undefined : BITS[region.role];
    if (key === undefined || typeof kaslr !== "object" || kaslr === null) return [];
    if (!kaslr.enabled) return [{ term: "place", text: `not random: ${kaslr.reason ?? "KASLR is off"}` }];
    return [{ term: "place", text: `random, ${kaslr[key]} bits; ${kaslr.reason ?? ""}` }];
}

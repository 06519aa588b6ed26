/** The address space of a plan: `plan --format json`, or a landing report with regions. */

import { LEAVES } from "./address.js";
import { entryOf, grouped, node } from "./node.js";
import { physicalRoot } from "./physical.js";
import * as read from "./read.js";
import { stretches, virtualRoot, withGaps } from "./virtual.js";
import { roleName } from "../text/roles.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Space} Space */

/**
 * Returns the address space of a plan, or nothing if the kernel refuses to land.
 * @param {any} json @param {string} title
 * @returns {Space | null}
 */
export function planSpace(json, title) {
    if (!Array.isArray(json.regions)) return null;
    const { mode, bits } = read.mode(json);
    const mappings = read.mappings(json);
    const counts = new Map();
    const ordinal = (/** @type {string} */ kind) => {
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
        return counts.get(kind);
    };
    const regions = read.objects(json, "regions").map((region) => {
        const role = read.text(region, "kind");
        const start = read.address(region, "virtual");
        const size = read.size(region, "size");
        const parts = read.objects(region, "parts");
        const isGap = role === "unused" || role === "guard";
        return node(
            {
                key: `r/${encodeURIComponent(role)}-${ordinal(role)}`,
                kind: isGap ? "gap" : "region",
                role,
                label: roleName(role),
                start,
                size,
                unmapped: parts.length === 0 ? roleName(role) : null,
            },
            parts.length === 0 ? null : (parent) => grouped(partsOf(parent, parts, mappings), parent, "parts"),
        );
    });
    regions.sort((a, b) => (a.start < b.start ? -1 : 1));
    const names = named(json);
    return {
        kind: "plan",
        title,
        mode,
        bits,
        root: virtualRoot(bits, regions),
        physical: physicalRoot(mappings, names),
        mappings,
        splits: read.objects(json, "splits").map((split) => ({
            virt: read.address(split, "virtual"),
            size: LEAVES[read.leaf(split, "leaf")],
            leaf: read.leaf(split, "leaf"),
            causes: read.list(split, "causes").map(String),
        })),
        findings: [],
        json,
    };
}

/**
 * @param {Node} region @param {any[]} parts @param {import("../types.js").Mapping[]} mappings
 */
function partsOf(region, parts, mappings) {
    const seen = new Map();
    const children = parts.map((part) => {
        const unmapped = typeof part.unmapped === "string" ? part.unmapped : null;
        const label = unmapped ?? read.text(part, "what");
        seen.set(label, (seen.get(label) ?? 0) + 1);
        const place = {
            key: `${region.key}/${encodeURIComponent(label)}-${seen.get(label)}`,
            start: read.address(part, "virtual"),
            size: read.size(part, "size"),
            label,
        };
        if (unmapped !== null) return node({ ...place, kind: "gap", unmapped });
        const access = read.access(part, "access");
        const phys = read.address(part, "physical");
        const { even, leaf, make } = stretches(place, mappings);
        return node({ ...place, kind: "part", access, phys, even, leaf }, make);
    });
    return withGaps(region, children.map(entryOf));
}

/** Returns the names of physical memory, the weakest first. @param {any} json */
function named(json) {
    const names = [];
    const add = (/** @type {any} */ range, /** @type {string} */ key, /** @type {string} */ name) => {
        if (range) names.push({ start: read.address(range, key), size: read.size(range, "size"), name });
    };
    for (const region of json.regions) {
        const isLinear = region.kind === "linear-map";
        for (const part of region.parts) {
            if (part.physical) names.push({ ...range(part), name: String(part.what), weak: isLinear });
        }
    }
    names.sort((a, b) => Number(b.weak ?? false) - Number(a.weak ?? false));
    add(json.memory?.all, "physical", "stacks and tables");
    add(json.memory?.tables, "physical", "page tables");
    add(json.crash_memory, "physical", "crash memory");
    for (const region of json.regions) {
        if (region.kind !== "stacks") continue;
        for (const part of region.parts) if (part.physical) names.push({ ...range(part), name: String(part.what) });
    }
    return names;
}

/** @param {any} part */
function range(part) {
    return { start: read.address(part, "physical"), size: read.size(part, "size") };
}

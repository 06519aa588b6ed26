/** The address spaces of an audit: one for each root table. */

import { LEAVES, hex } from "./address.js";
import { wholeRoots } from "./inherited.js";
import { writeJson } from "./json.js";
import { grouped, node } from "./node.js";
import { physicalRoot } from "./physical.js";
import * as read from "./read.js";
import { DocumentError } from "./read.js";
import { stretches, virtualRoot, within, withGaps } from "./virtual.js";
import { roleName } from "../text/roles.js";

/** @typedef {import("../types.js").Node} Node */
/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {import("../types.js").Space} Space */

/**
 * Returns an address space for each root of an audit.
 * @param {any} json @param {string} title
 * @returns {Space[]}
 */
export function auditSpaces(json, title) {
    const roots = read.objects(json, "roots");
    const whole = wholeRoots(roots, read.objects(json, "findings"));
    return roots.map((root, index) => {
        const { mode, bits } = read.mode(root);
        const { mappings, regions, findings } = whole[index];
        const counts = new Map();
        const names = namesOf(regions);
        return {
            kind: "audit",
            title: roots.length === 1 ? title : `${title}, root ${index}`,
            mode,
            bits,
            root: virtualRoot(bits, regions.map((region) => regionNode(region, mappings, counts)).sort((a, b) => (a.start < b.start ? -1 : 1))),
            physical: physicalRoot(mappings, names),
            mappings,
            splits: regions.flatMap(splitsOf),
            findings: findings.map((finding) => ({
                code: read.text(finding, "code"),
                virt: read.address(finding, "virtual"),
                size: read.size(finding, "size"),
                phys: finding.physical === null ? null : read.address(finding, "physical"),
                found: String(finding.found ?? ""),
                entry: finding.entry ? writeJson(finding.entry) : null,
            })),
            json: root,
        };
    });
}

/**
 * Returns the names of memory, the weakest first: that of a part, or else that of its region. All
 * memory is in the linear map, so its name says least.
 * @param {any[]} regions
 */
function namesOf(regions) {
    const rank = (/** @type {any} */ region, /** @type {any} */ part) => (part.name ? 2 : region.kind === "linear-map" ? 0 : 1);
    const all = regions.flatMap((region) =>
        read.objects(region, "parts").map((part) => ({
            start: read.address(part, "physical"),
            size: read.size(part, "size"),
            name: typeof part.name === "string" ? part.name : roleName(read.text(region, "name")),
            rank: rank(region, part),
        })),
    );
    return all.sort((a, b) => a.rank - b.rank);
}

/**
 * @param {any} region @param {Mapping[]} mappings @param {Map<string, number>} counts
 */
function regionNode(region, mappings, counts) {
    const role = read.text(region, "kind");
    const name = read.text(region, "name");
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const start = read.address(region, "virtual");
    const size = read.size(region, "size");
    const own = within(mappings, start, size);
    const from = region.from === undefined ? "" : `, as in root ${region.from}`;
    const label = (name === role ? roleName(role) : name) + from;
    const key = `r/${encodeURIComponent(name)}-${counts.get(name)}`;
    const names = new Map(read.objects(region, "parts").map((part) => [read.address(part, "virtual"), part.name]));
    const [first, last] = [own[0], own[own.length - 1]];
    if (first !== undefined && (first.virt < start || last.virt + last.size > start + size)) {
        throw new DocumentError(`a mapping leads out of "${label}" at ${hex(start)}`);
    }
    return node({ key, kind: "region", role, label, start, size }, (parent) => {
        const parts = partsOf(own).map((mappings, index) => part(`${parent.key}/part-${index}`, mappings, names));
        return grouped(withGaps(parent, parts), parent, "parts");
    });
}

/**
 * @param {string} key @param {Mapping[]} mappings @param {Map<bigint, any>} names
 * @returns {import("../types.js").Entry}
 */
function part(key, mappings, names) {
    const start = mappings[0].virt;
    const last = mappings[mappings.length - 1];
    return { start, size: last.virt + last.size - start, make: () => partNode(key, mappings, names) };
}

/** @param {string} key @param {Mapping[]} mappings @param {Map<bigint, any>} names */
function partNode(key, mappings, names) {
    const [{ virt, phys, access, flags, memory }] = mappings;
    const last = mappings[mappings.length - 1];
    const size = last.virt + last.size - virt;
    const type = memory === "default" ? "" : ` ${memory}`;
    const name = names.get(virt);
    const label = typeof name === "string" ? name : `${access} ${flags}${type}`;
    const place = { key, label, start: virt, size, access, phys };
    const { even, leaf, make } = stretches(place, mappings);
    return node({ ...place, kind: "part", even, leaf }, make);
}

/**
 * Joins mappings of one permission and offset that follow each other.
 * @param {Mapping[]} mappings
 */
function partsOf(mappings) {
    /** @type {Mapping[][]} */
    const parts = [];
    for (const mapping of mappings) {
        const part = parts[parts.length - 1];
        const last = part?.[part.length - 1];
        const goesOn =
            last !== undefined &&
            last.virt + last.size === mapping.virt &&
            last.phys + last.size === mapping.phys &&
            last.access === mapping.access &&
            last.flags === mapping.flags &&
            last.memory === mapping.memory;
        if (goesOn) part.push(mapping);
        else parts.push([mapping]);
    }
    return parts;
}

/** @param {any} region */
function splitsOf(region) {
    return read.objects(region.splits, "listed").map((split) => {
        const leaf = read.leaf(split, "leaf");
        const blocks = BigInt(Number.isInteger(split.blocks) && split.blocks > 0 ? split.blocks : 1);
        return { virt: read.address(split, "virtual"), size: blocks * LEAVES[leaf], leaf, causes: read.list(split, "causes").map(String) };
    });
}

/** The other side of a finding about two addresses of one memory: its place is that of one. */

import { overlaps } from "./address.js";
import { Ranges } from "./ranges.js";
import { within } from "./virtual.js";

/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../types.js").Finding} Finding */
/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {{ virt: bigint, size: bigint }} Side */

/** More sides of one finding are not marked: a document may map a frame 100,000 times. */
const MOST = 64;

/**
 * The codes about two mappings, with the conflict.
 * @type {Record<string, (own: Mapping, other: Mapping) => boolean>}
 */
const CONFLICTS = {
    "alias-wx": (own, other) => writesCode(own, other) || writesCode(other, own),
    "alias-type": (own, other) => own.memory !== other.memory,
};

/**
 * Returns true if one mapping writes what the other executes. The kernel may write code of user
 * mode.
 * @param {Mapping} one @param {Mapping} other
 */
function writesCode({ access, flags }, other) {
    const isCode = other.access.includes("X") && !other.access.includes("W");
    return access.includes("W") && isCode && (flags.includes("U") || !other.flags.includes("U"));
}

/**
 * Returns true if the range has a byte of either side of the finding.
 * @param {Space} space @param {Finding} finding @param {bigint} start @param {bigint} size
 */
export function concerns(space, finding, start, size) {
    const has = (/** @type {Side} */ side) => overlaps(side.virt, side.size, start, size);
    return has(finding) || sidesOf(space, finding).some(has);
}

/** @type {WeakMap<Space, Map<Finding, Side[]>>} */
const FOUND = new WeakMap();

/**
 * Returns the mappings that conflict with that of a finding.
 * @param {Space} space @param {Finding} finding
 */
export function sidesOf(space, finding) {
    let all = FOUND.get(space);
    if (all === undefined) FOUND.set(space, (all = search(space)));
    return all.get(finding) ?? [];
}

/** Looks at each mapping once, whatever the number of findings. @param {Space} space */
function search(space) {
    /** @type {Map<Finding, Side[]>} */
    const all = new Map();
    const open = space.findings.flatMap((finding) => {
        const [own] = within(space.mappings, finding.virt, 1n);
        const conflict = Object.hasOwn(CONFLICTS, finding.code) ? CONFLICTS[finding.code] : null;
        if (finding.phys === null || own === undefined || conflict === null) return [];
        return [{ finding, phys: finding.phys, size: finding.size, own, conflict }];
    });
    const memory = new Ranges(open.map(({ phys, size }) => ({ start: phys, size })));
    for (const mapping of space.mappings) {
        if (!memory.overlap(mapping.phys, mapping.size)) continue;
        for (const { finding, phys, size, own, conflict } of open) {
            if (mapping === own || !overlaps(phys, size, mapping.phys, mapping.size) || !conflict(own, mapping)) continue;
            const sides = all.get(finding) ?? [];
            all.set(finding, sides);
            if (sides.length < MOST) sides.push(shared(mapping, phys, size));
        }
    }
    return all;
}

/**
 * Returns the addresses at which a mapping has memory.
 * @param {Mapping} mapping @param {bigint} phys @param {bigint} size
 */
function shared(mapping, phys, size) {
    const start = mapping.phys > phys ? mapping.phys : phys;
    const last = mapping.phys + mapping.size;
    const stop = last < phys + size ? last : phys + size;
    return { virt: mapping.virt + (start - mapping.phys), size: stop - start };
}

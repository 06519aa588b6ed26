/** The virtual addresses of a frame. */

/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {import("../types.js").Space} Space */
/** @typedef {{ virt: bigint, size: bigint, mapping: Mapping }} Alias */

/**
 * Returns each virtual stretch that maps a byte of the memory, in ascending order.
 * @param {Space} space @param {bigint} phys @param {bigint} size
 * @returns {Alias[]}
 */
export function aliases(space, phys, size) {
    const found = [];
    for (const mapping of space.mappings) {
        const start = mapping.phys > phys ? mapping.phys : phys;
        const last = mapping.phys + mapping.size;
        const stop = last < phys + size ? last : phys + size;
        if (start < stop) found.push({ virt: mapping.virt + (start - mapping.phys), size: stop - start, mapping });
    }
    return found;
}

/**
 * Returns the alias after or before a virtual address, around the end.
 * @param {Alias[]} all @param {bigint} virt @param {1 | -1} step
 */
export function following(all, virt, step) {
    if (all.length === 0) return null;
    const at = all.findIndex((alias) => alias.virt <= virt && virt < alias.virt + alias.size);
    if (at === -1) return step === 1 ? all[0] : all[all.length - 1];
    return all[(at + step + all.length) % all.length];
}

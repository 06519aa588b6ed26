/**
 * A large audit: a kernel whose linear map is cut into pages, and whose dynamic region is full of
 * small mappings.
 */

import { generator } from "./oracle.js";

const RAM = 0x80000000n;
const LINEAR = 0xffffaf8000000000n;
const DYNAMIC = 0xffff8f8000000000n;
const BLOCK = 0x200000n;

const hex = (/** @type {bigint} */ number) => `0x${number.toString(16)}`;

/**
 * Returns an audit with this many mappings: three of ten are in the linear map, all others in the
 * dynamic region.
 * @param {number} count
 */
export function largeAudit(count) {
    const next = generator(5);
    const inLinear = Math.floor((count * 3) / 20) * 2;
    const run = (virt, phys, pages, access) => ({ virtual: hex(virt), physical: hex(phys), size: 4096 * pages, access, flags: "-GAD", memory: "default", leaf: "4K" });
    const linear = Array.from({ length: inLinear }, (_, index) => {
        const start = BigInt(index >> 1) * BLOCK;
        return index % 2 === 0 ? run(LINEAR + start, RAM + start, 500, "RW-") : run(LINEAR + start + 500n * 4096n, RAM + start + 500n * 4096n, 12, "R--");
    });
    let at = DYNAMIC;
    const dynamic = Array.from({ length: count - inLinear }, () => {
        const pages = 1 + (next() % 4);
        const page = BigInt(next() % (inLinear * 256 - 4));
        const own = run(at, RAM + page * 4096n, pages, "RW-");
        at += BigInt(pages + 1 + (next() % 3)) * 4096n;
        return own;
    });
    const findings = dynamic.filter((_, index) => index % 100 === 7).map(({ virtual, physical, size }) => ({ code: "alias-cache", root: 0, virtual, size, physical, entry: null, found: "RW- here and elsewhere" }));
    return {
        audit_format: 1,
        roots: [{ mode: "sv48", table: "0x81000000", origin: { kind: "given" }, tables: 1, regions: [region("dynamic", dynamic), region("linear-map", linear)], inherited: [], mappings: [...dynamic, ...linear] }],
        findings,
    };
}

/** @param {string} kind @param {any[]} runs */
function region(kind, runs) {
    const last = runs[runs.length - 1];
    const parts = runs.slice(0, 256).map(({ virtual, physical, size, access }) => ({ virtual, physical, size, attributes: `${access} -GAD`, name: null }));
    const size = Number(BigInt(last.virtual) + BigInt(last.size) - BigInt(runs[0].virtual));
    return { kind, name: kind, virtual: runs[0].virtual, size, parts, part_count: runs.length, splits: { listed: [], blocks: 0, free: 0 } };
}

/**
 * The codes of findings: title, reason, and remedies with the most likely cause first.
 *
 * The audit's own table is `landfall-audit/src/finding/code/table.rs`; a test compares the two.
 */

/** @typedef {{ title: string, why: string, fixes: string[] }} Explanation */

/** @type {Record<string, Explanation>} */
const CODES = {
    "leaf-wx": {
        title: "A leaf that is both writable and executable",
        why: "A bug that writes there becomes a bug that runs chosen code. No kernel needs such a leaf: code can be written by another address, or before it is executable.",
        fixes: ["map text R-X, and everything else without X", "split the leaf where a section with another permission begins"],
    },
    "alias-wx": {
        title: "Memory that is writable at one address and executable at another",
        why: "The permission of text protects nothing if the same frames are writable elsewhere, usually in the linear map. Memory that user mode executes counts only if user mode can write it.",
        fixes: ["map the linear map's alias of text read-only, or not at all", "withdraw the writable mapping before code becomes executable"],
    },
    "alias-type": {
        title: "Memory that has different memory types at two addresses",
        why: "Accesses by different types to one location lose coherence and ordering until a fence, and sometimes a cache flush, stands between them (privileged specification, Svpbmt).",
        fixes: ["withdraw the linear map's leaf before memory is mapped uncached", "map registers of devices by one type"],
    },
    "leaf-user": {
        title: "A page of the kernel's half that user mode reaches",
        why: "A leaf with U in the upper half gives user mode kernel memory, and the kernel itself cannot execute it, nor read it without SUM.",
        fixes: ["clear U in leaves of the upper half", "map pages that are shared with user mode in the lower half"],
    },
    "leaf-identity": {
        title: "Remains of an identity map",
        why: "Code that runs while translation is turned on needs a page at its physical address; later it is an executable or writable page at an address that everyone knows.",
        fixes: ["enter the final tables from a table of their own that is left then, or unmap the page and fence", "give user address spaces a lower half of their own"],
    },
    "leaf-no-map": {
        title: "Memory that the device tree forbids to map",
        why: "A reserved region with no-map must have no mapping: a hart may access a mapped page by speculation, which firmware's protection answers with a fault or worse (Devicetree specification, /reserved-memory).",
        fixes: ["leave the region out of the linear map, and split the larger leaf that contains it", "read /reserved-memory before the linear map is made"],
    },
    "leaf-ad": {
        title: "A leaf of the kernel without A, or writable without D",
        why: "A hart with Svade raises a page fault for the first access. A kernel that does not handle faults of its own memory ends there, and it ends only on such harts.",
        fixes: ["set A and D when the leaf is made", "state that the harts update A and D (Svadu)"],
    },
    "leaf-misaligned": {
        title: "A larger leaf whose memory does not begin at a multiple of its size",
        why: "Every hart raises a page fault for each access through it (privileged specification, step 6 of the translation).",
        fixes: ["choose virtual addresses that are congruent with the physical ones modulo the leaf's size", "use smaller leaves there"],
    },
    "entry-reserved": {
        title: "An entry with a reserved bit",
        why: "Harts raise a page fault, and later extensions give the bit a meaning. Reserved are bits 60:54, N and PBMT without Svnapot and Svpbmt, the PBMT 3, and U, A and D of pointers.",
        fixes: ["clear the bits", "state the extensions that the harts have", "find what overwrote the entry; the page may be no table"],
    },
    "entry-write-only": {
        title: "An entry that is writable and not readable",
        why: "The encoding is reserved: harts raise a page fault. With shadow stacks (Zicfiss), R=0, W=1 and X=0 is a shadow stack page, which this audit does not know.",
        fixes: ["set R too", "find what overwrote the entry; the page may be no table"],
    },
    "entry-deep": {
        title: "A pointer in a table of the last level",
        why: "No level follows. Harts raise a page fault for each access.",
        fixes: ["set R or X: the entry should be a leaf", "the root has another mode, or a table is linked one level too deep"],
    },
    "napot-reserved": {
        title: "A leaf with N and an encoding that Svnapot reserves",
        why: "64 KiB is the only size: a leaf of the last level, with low page number bits 1000. Harts raise a page fault for others (privileged specification, Svnapot).",
        fixes: ["write 1000 into the low four bits of the page number", "clear N in leaves above the last level"],
    },
    "napot-group": {
        title: "Entries that map 64 KiB together, and differ",
        why: "A hart may use any of the 16 entries for all their addresses. So permission and memory of each page depend on what the hart has cached.",
        fixes: ["write all 16 entries alike", "before one page changes: make all 16 invalid, fence, then write 16 leaves of 4 KiB"],
    },
    "table-loop": {
        title: "A pointer to a table that leads to it",
        why: "A hart reads the same words again by the rules of lower levels: leaves appear again as smaller ones, at further addresses. A recursive entry does not map tables on RISC-V, because a pointer is no leaf at the last level.",
        fixes: ["remove the recursive entry, and reach tables by the linear map", "find what overwrote the entry; the table may have been freed and used again"],
    },
    "table-shared": {
        title: "A table that two entries lead to",
        why: "A change through one entry appears at both addresses. It may be meant: a boot table for the identity map and the kernel's half, or the shadow memory of a sanitizer.",
        fixes: ["clear the entry of the identity map when the kernel runs at its own addresses", "share leaves instead of tables, if one of the mappings will change", "find an entry that still points to a table that was freed and used again"],
    },
    "table-missing": {
        title: "A table outside of the memory that can be read",
        why: "A hart that walks there raises an access fault, or reads what a device answers. In a dump, the page was left out or the file was cut.",
        fixes: ["dump all memory, with the pages of the kernel", "the root is not one, or a word of its tables was overwritten"],
    },
    "walk-limit": {
        title: "More tables, repeats or runs than the limit of an audit",
        why: "The audit is not complete: time and memory are bounded, and hostile memory has no end of tables. Nothing beyond the limit was listed or checked.",
        fixes: ["audit fewer roots at once", "the root is not one: random words lead to many tables"],
    },
    "page-first": {
        title: "The first page of all is mapped",
        why: "An access through a null pointer should fault. Here it reads or writes memory.",
        fixes: ["leave virtual page 0 unmapped", "keep the identity map of low memory out of the final tables"],
    },
    "page-last": {
        title: "The last page of all is mapped",
        why: "Error values, such as -1, lie there as pointers, and an end of 2^64 is 0 in 64 bits: code that compares with it is wrong.",
        fixes: ["end the highest region a page below the last address"],
    },
    "stack-guard": {
        title: "A stack without a guard below it",
        why: "An overflow of the stack does not fault; it writes whatever is mapped below.",
        fixes: ["leave the addresses below each stack unmapped", "place stacks outside of the linear map, where guards cost no larger leaf"],
    },
};

/** Returns the explanation of a code; of a code that is not known, nothing. @param {string} code */
export function codeOf(code) {
    return Object.hasOwn(CODES, code) ? CODES[code] : null;
}

/** Returns all codes with their explanations. */
export function allCodes() {
    return Object.entries(CODES);
}

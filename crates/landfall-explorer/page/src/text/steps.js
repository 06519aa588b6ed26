/** The steps of a landing, as `docs/landing.md` numbers them; a test compares the two. */

/** @type {Record<number, { name: string, text: string }>} */
const STEPS = {
    0: { name: "Entry", text: "the boot loader has jumped to the image's first byte" },
    1: { name: "Silence, alignment, one hart", text: "satp is 0, interrupts are off, the image is aligned, and the first hart continues (steps 1 to 3)" },
    4: { name: "The file", text: "header, landfall record, seal and relocation data are checked, and the tree's place after them (steps 4 and 5)" },
    6: { name: "First rebase", text: "every slot gets a physical address; from here on Rust is ordinary Rust" },
    7: { name: "Facts", text: "RAM, reservations, harts, command line, initrd and seeds are read from the tree" },
    8: { name: "Entropy", text: "ChaCha20 mixes all seeds, and the seeds are deleted from the tree" },
    9: { name: "Mode", text: "the best mode that tree, policy and command line permit, and that this hart takes" },
    10: { name: "Plan", text: "a pure function decides every place and every mapping" },
    11: { name: "Move", text: "the image is copied to another physical address" },
    12: { name: "Effects", text: ".bss is zeroed, tables are built, constants are patched" },
    13: { name: "Translation", text: "every slot becomes virtual, satp is on, sp is the boot hart's own stack" },
    14: { name: "Harts", text: "each other hart lands in the same tables, fails, or is skipped" },
    15: { name: "main", text: "the kernel runs" },
};

/** Returns a step's name and meaning. @param {number} step */
export function stepOf(step) {
    return STEPS[step] ?? { name: `step ${step}`, text: "" };
}

/** Returns all steps. */
export function allSteps() {
    return Object.entries(STEPS).map(([step, words]) => ({ step: Number(step), ...words }));
}

//! Programs for the liberties of translation.

use landfall_hart::liberty::Liberty;

use crate::assemble::Code;
use crate::encode::*;
use crate::program::{Care, Program};
use crate::tables::*;

pub(crate) const PROGRAMS: &[Program] = &[
    Program { tables: plain, ..Program::new(Liberty::StaleLeaf, 48, stale_leaf) },
    Program {
        tables: plain,
        needs: &[Liberty::LateStore],
        ..Program::new(Liberty::StaleLeaf, 48, stale_leaf)
    },
    Program { tables: without_leaf, ..Program::new(Liberty::StaleInvalid, 48, stale_invalid) },
    Program { tables: plain, ..Program::new(Liberty::StaleTable, 48, stale_table) },
    Program { tables: plain, ..Program::new(Liberty::StaleRoot, 48, stale_root) },
    Program {
        tables: plain,
        needs: &[Liberty::StaleTable, Liberty::StaleLeaf],
        ..Program::new(Liberty::StaleRoot, 48, stale_root_again)
    },
    Program { tables: plain, ..Program::new(Liberty::UnorderedRoot, 48, unordered_first_root) },
    Program { tables: plain, ..Program::new(Liberty::UnorderedRoot, 48, unordered_next_root) },
    Program { tables: without_leaf, ..Program::new(Liberty::UnorderedRoot, 48, unordered_invalid) },
    Program { tables: global, ..Program::new(Liberty::StaleGlobal, 48, stale_global) },
    Program {
        tables: plain,
        needs: &[Liberty::StaleTable],
        ..Program::new(Liberty::LeafFence, 48, leaf_fence)
    },
    Program {
        tables: global,
        needs: &[Liberty::StaleLeaf],
        ..Program::new(Liberty::AsidFence, 48, asid_fence)
    },
    Program { tables: napot_leaves, ..Program::new(Liberty::Napot, 48, napot) },
    Program {
        tables: napot_leaves,
        // Without it, a fence with an address covers all.
        needs: &[Liberty::LeafFence],
        ..Program::new(Liberty::Napot, 48, napot_fence)
    },
    Program {
        tables: napot_leaves,
        // A fence orders stores that others do not see yet.
        needs: &[Liberty::LeafFence, Liberty::LateStore],
        ..Program::new(Liberty::Napot, 48, napot_fence)
    },
    Program { tables: many_unused, ..Program::new(Liberty::SpeculativeAccessed, 60, speculative) },
    Program { tables: unused_window, ..Program::new(Liberty::AccessedDirty, 16, accessed_dirty) },
    Program { tables: plain, needs: &[Liberty::StaleLeaf], ..Program::new(Liberty::Cip1200, 48, cip_1200) },
];

/// Changes a leaf.
fn stale_leaf(code: &mut Code, care: Care) {
    code.translate(0);
    code.expect_window(OLD_WORD);
    code.li(T0, leaf(NEW, LEAF));
    code.li(T1, LAST);
    code.label("store");
    code.put(&[sd(T0, T1, 0)]);
    if care == Care::Taken {
        code.put(&[sfence_vma(S0, ZERO)]);
    }
    code.label("use");
    code.expect_window(NEW_WORD);
}

/// Maps a page.
fn stale_invalid(code: &mut Code, care: Care) {
    code.translate(0);
    code.entry(LAST, leaf(NEW, LEAF));
    if care == Care::Taken {
        code.put(&[sfence_vma(S0, ZERO)]);
    }
    code.expect_window(NEW_WORD);
}

/// Changes a pointer to a table.
fn stale_table(code: &mut Code, care: Care) {
    code.translate(0);
    code.expect_window(OLD_WORD);
    code.entry(MIDDLE, pointer(OTHER_LAST));
    if care == Care::Taken {
        code.put(&[sfence_vma(ZERO, ZERO)]);
    }
    code.expect_window(NEW_WORD);
}

/// Changes a pointer to a table, and fences the address of a leaf under it.
fn leaf_fence(code: &mut Code, care: Care) {
    code.translate(0);
    code.expect_window(OLD_WORD);
    code.entry(MIDDLE, pointer(OTHER_LAST));
    code.put(&[sfence_vma(if care == Care::Taken { ZERO } else { S0 }, ZERO)]);
    code.expect_window(NEW_WORD);
}

/// Changes a global leaf, and fences its ASID.
fn asid_fence(code: &mut Code, care: Care) {
    code.translate(5);
    code.expect_window(OLD_WORD);
    code.entry(LAST, leaf(NEW, LEAF | G));
    code.li(T2, 5);
    code.put(&[sfence_vma(ZERO, if care == Care::Taken { ZERO } else { T2 })]);
    code.expect_window(NEW_WORD);
}

/// Changes the root, and keeps the ASID.
fn stale_root(code: &mut Code, care: Care) {
    code.translate(1);
    code.expect_window(OLD_WORD);
    code.root(OTHER_ROOT, 1);
    if care == Care::Taken {
        code.put(&[sfence_vma(ZERO, ZERO)]);
    }
    code.expect_window(NEW_WORD);
}

/// Leaves a root, and makes its tables again in the same frames: all entries but the leaf have the
/// values that they had.
fn stale_root_again(code: &mut Code, care: Care) {
    code.translate(1);
    code.expect_window(OLD_WORD);
    code.root(OTHER_ROOT, 2);
    let entries = [(LAST, leaf(NEW, LEAF)), (MIDDLE, pointer(LAST)), (ROOT + 8, pointer(MIDDLE))];
    for (at, entry) in entries {
        code.entry(at, 0);
        code.entry(at, entry);
    }
    code.root(ROOT, 1);
    if care == Care::Taken {
        code.put(&[sfence_vma(ZERO, ZERO)]);
    }
    code.expect_window(NEW_WORD);
}

/// Changes a leaf, and turns translation on.
fn unordered_first_root(code: &mut Code, care: Care) {
    code.trap_to("fail");
    code.li(S0, WINDOW);
    code.li(T0, leaf(NEW, LEAF));
    code.li(T1, LAST);
    code.label("store");
    code.put(&[sd(T0, T1, 0)]);
    if care == Care::Taken {
        code.put(&[sfence_vma(ZERO, ZERO)]);
    }
    code.root(ROOT, 0);
    code.label("use");
    code.expect_window(NEW_WORD);
}

/// Changes a leaf of another root, and changes to that root and to an ASID of its own.
fn unordered_next_root(code: &mut Code, care: Care) {
    code.translate(1);
    code.expect_window(OLD_WORD);
    code.entry(OTHER_LAST, leaf(OLD, LEAF));
    if care == Care::Taken {
        code.put(&[sfence_vma(ZERO, ZERO)]);
    }
    code.root(OTHER_ROOT, 2);
    code.expect_window(OLD_WORD);
}

/// Maps a page, and turns translation on.
fn unordered_invalid(code: &mut Code, care: Care) {
    code.trap_to("fail");
    code.li(S0, WINDOW);
    code.entry(LAST, leaf(NEW, LEAF));
    if care == Care::Taken {
        code.put(&[sfence_vma(ZERO, ZERO)]);
    }
    code.root(ROOT, 0);
    code.expect_window(NEW_WORD);
}

/// Changes the root and the ASID, with another global leaf for the same address.
fn stale_global(code: &mut Code, care: Care) {
    code.translate(1);
    code.expect_window(OLD_WORD);
    code.root(OTHER_ROOT, 2);
    if care == Care::Taken {
        code.put(&[sfence_vma(ZERO, ZERO)]);
    }
    code.expect_window(NEW_WORD);
}

/// One leaf of 64 KiB: 16 entries.
fn napot_leaves() -> Vec<(u64, u64)> {
    let mut words = plain();
    words.extend((0..16).map(|page| (LAST + 8 * page, leaf(OLD + 0x8000, LEAF | NAPOT))));
    words
}

/// Splits a leaf of 64 KiB: changes its first page, and leaves the others.
fn napot(code: &mut Code, care: Care) {
    code.translate(0);
    code.expect_window(OLD_WORD);
    code.entry(LAST, leaf(NEW, LEAF));
    if care == Care::Taken {
        for page in 1..16 {
            code.entry(LAST + 8 * page, leaf(OLD + 0x1000 * page, LEAF));
        }
        code.put(&[sfence_vma(ZERO, ZERO)]);
    } else {
        code.put(&[sfence_vma(S0, ZERO)]);
    }
    code.expect_window(NEW_WORD);
}

/// Splits a leaf of 64 KiB: changes all its entries, and fences its first page alone.
fn napot_fence(code: &mut Code, care: Care) {
    code.translate(0);
    code.expect_window(OLD_WORD);
    code.entry(LAST, leaf(NEW, LEAF));
    for page in 1..16 {
        code.entry(LAST + 8 * page, leaf(OLD + 0x1000 * page, LEAF));
    }
    let pages = if care == Care::Taken { 16 } else { 1 };
    code.put(&[addi(T1, S0, 0)]);
    code.li(T2, 0x1000);
    for _ in 0..pages {
        code.put(&[sfence_vma(T1, ZERO), add(T1, T1, T2)]);
    }
    code.expect_window(NEW_WORD);
}

/// Leaves of pages that the program never accesses.
fn many_unused() -> Vec<(u64, u64)> {
    let mut words = plain();
    words.extend((1..512).map(|page| (LAST + 8 * page, leaf(OLD, UNUSED))));
    words
}

/// Takes A for a sign that a page was accessed.
fn speculative(code: &mut Code, care: Care) {
    code.translate(0);
    code.li(T0, 100);
    code.label("again");
    code.put(&[sfence_vma(ZERO, ZERO), ld(A0, S0, 0), addi(T0, T0, -1)]);
    code.branch(BNE, T0, ZERO, "again");
    code.li(T0, 511);
    code.li(T1, LAST);
    code.put(&[addi(A0, ZERO, 0)]);
    code.label("next");
    code.put(&[addi(T1, T1, 8), ld(A1, T1, 0), or(A0, A0, A1), addi(T0, T0, -1)]);
    code.branch(BNE, T0, ZERO, "next");
    if care == Care::Taken {
        code.put(&[andi(A0, A0, !0x40)]);
    }
    code.put(&[andi(A0, A0, 0xff)]);
    code.expect(A0, UNUSED);
}

fn unused_window() -> Vec<(u64, u64)> {
    two_trees(UNUSED)
}

/// Uses a leaf with clear A and D.
fn accessed_dirty(code: &mut Code, care: Care) {
    code.translate(0);
    if care == Care::Taken {
        code.entry(LAST, leaf(OLD, LEAF));
        code.put(&[sfence_vma(S0, ZERO)]);
    }
    code.expect_window(OLD_WORD);
    code.put(&[sd(A0, S0, 0)]);
}

/// Changes a leaf, and fences its address.
fn cip_1200(code: &mut Code, care: Care) {
    code.translate(0);
    code.expect_window(OLD_WORD);
    code.entry(LAST, leaf(NEW, LEAF));
    code.put(&[sfence_vma(if care == Care::Taken { ZERO } else { S0 }, ZERO)]);
    code.expect_window(NEW_WORD);
}

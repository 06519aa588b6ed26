//! Page tables of the programs: an identity of the kernel's gigabyte, and a window of pages.

use crate::assemble::Code;
use crate::encode::*;

/// Physical addresses: the tables, then frames that hold [`OLD_WORD`] and [`NEW_WORD`].
pub(crate) const ROOT: u64 = 0x8041_0000;
pub(crate) const MIDDLE: u64 = 0x8041_1000;
pub(crate) const LAST: u64 = 0x8041_2000;
pub(crate) const OTHER_ROOT: u64 = 0x8041_4000;
pub(crate) const OTHER_MIDDLE: u64 = 0x8041_5000;
pub(crate) const OTHER_LAST: u64 = 0x8041_6000;
pub(crate) const OLD: u64 = 0x8042_0000;
pub(crate) const NEW: u64 = 0x8043_0000;

/// The virtual address of the window.
pub(crate) const WINDOW: u64 = 0x4000_0000;
/// The first words of the frames.
pub(crate) const OLD_WORD: u64 = 1;
pub(crate) const NEW_WORD: u64 = 2;

/// Bits of entries: G; A, D, X, W, R and V; the same without A and D; N.
pub(crate) const G: u64 = 0x20;
pub(crate) const LEAF: u64 = 0xcf;
pub(crate) const UNUSED: u64 = 0x0f;
pub(crate) const NAPOT: u64 = 1 << 63;

pub(crate) const fn leaf(physical: u64, bits: u64) -> u64 {
    physical >> 2 | bits
}

pub(crate) const fn pointer(table: u64) -> u64 {
    table >> 2 | 1
}

/// Returns a value of `satp` in Sv39.
pub(crate) const fn satp(root: u64, asid: u64) -> u64 {
    8 << 60 | asid << 44 | root >> 12
}

/// Returns the two trees of tables, whose windows show the old and the new frame.
pub(crate) fn two_trees(bits: u64) -> Vec<(u64, u64)> {
    let tree = |root, middle, last, frame| {
        [
            (root + 8, pointer(middle)),
            (root + 16, leaf(0x8000_0000, LEAF)),
            (middle, pointer(last)),
            (last, leaf(frame, bits)),
        ]
    };
    let mut words = vec![(OLD, OLD_WORD), (NEW, NEW_WORD)];
    words.extend(tree(ROOT, MIDDLE, LAST, OLD));
    words.extend(tree(OTHER_ROOT, OTHER_MIDDLE, OTHER_LAST, NEW));
    words
}

/// Returns two trees of ordinary leaves.
pub(crate) fn plain() -> Vec<(u64, u64)> {
    two_trees(LEAF)
}

/// Returns two trees of ordinary leaves, the first without the window's.
pub(crate) fn without_leaf() -> Vec<(u64, u64)> {
    let mut words = plain();
    words.push((LAST, 0));
    words
}

/// Returns two trees of global leaves.
pub(crate) fn global() -> Vec<(u64, u64)> {
    two_trees(LEAF | G)
}

impl Code {
    /// Turns translation on; traps fail. `S0` becomes the window's address.
    pub(crate) fn translate(&mut self, asid: u64) {
        self.trap_to("fail");
        self.li(S0, WINDOW);
        self.root(ROOT, asid);
        self.put(&[sfence_vma(ZERO, ZERO)]);
    }

    /// Writes `satp`.
    pub(crate) fn root(&mut self, root: u64, asid: u64) {
        self.li(T0, satp(root, asid));
        self.put(&[csrrw(ZERO, SATP, T0)]);
    }

    /// Stores an entry.
    pub(crate) fn entry(&mut self, at: u64, entry: u64) {
        self.li(T0, entry);
        self.li(T1, at);
        self.put(&[sd(T0, T1, 0)]);
    }

    /// Loads from the window and expects a word.
    pub(crate) fn expect_window(&mut self, word: u64) {
        self.put(&[ld(A0, S0, 0)]);
        self.expect(A0, word);
    }
}

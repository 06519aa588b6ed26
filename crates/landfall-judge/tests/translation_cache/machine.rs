//! Tables in sv39 that map a few pages, and short names for entries.

use core::ops::Range;

use landfall_judge::translation_cache::{Access, Harts, Outcome, Reach};

pub(crate) const ROOT: u64 = 0x1000;
pub(crate) const MIDDLE: u64 = 0x2000;
pub(crate) const LAST: u64 = 0x3000;
/// A second root, whose entries 0 and 511 are free for each test.
pub(crate) const OTHER_ROOT: u64 = 0x4000;
pub(crate) const SPARE: u64 = 0x5000;

pub(crate) const FRAME: u64 = 0x8000_0000;
pub(crate) const NEXT_FRAME: u64 = 0x8000_1000;

pub(crate) const READ: u64 = 0xc3;
pub(crate) const WRITE: u64 = 0xc7;
pub(crate) const GLOBAL: u64 = 0x20;

/// A leaf.
pub(crate) const fn leaf(frame: u64, flags: u64) -> u64 {
    frame >> 2 | flags
}

/// A pointer without G.
pub(crate) const fn pointer(table: u64) -> u64 {
    table >> 2 | 1
}

/// A `satp` in sv39.
pub(crate) const fn satp(root: u64, asid: u16) -> u64 {
    8 << 60 | (asid as u64) << 44 | root >> 12
}

pub(crate) const fn page(frame: u64) -> Range<u64> {
    frame..frame + 0x1000
}

/// Zeroes a table.
pub(crate) fn clear(harts: &mut Harts, table: u64) {
    page(table).step_by(8).for_each(|at| harts.store(at, 0));
}

/// All tables cleared; ROOT, MIDDLE and LAST lead from address 0 to `bits`. Each hart has ROOT
/// under ASID 1 and has executed a complete fence.
pub(crate) fn mapped(harts: Harts, count: usize, bits: u64) -> Harts {
    let mut harts = harts;
    for table in [ROOT, MIDDLE, LAST, OTHER_ROOT, SPARE] {
        clear(&mut harts, table);
    }
    harts.store(ROOT, pointer(MIDDLE));
    harts.store(MIDDLE, pointer(LAST));
    harts.store(LAST, bits);
    for hart in 0..count {
        harts.write_satp(hart, satp(ROOT, 1));
        harts.sfence_vma(hart, None, None);
    }
    harts
}

/// One hart without extensions, and address 0 mapped to FRAME to be read and written.
pub(crate) fn machine() -> Harts {
    mapped(Harts::new(1), 1, leaf(FRAME, WRITE))
}

pub(crate) fn may_write(harts: &Harts, virt: u64) -> bool {
    harts.may(0, virt, Access::Store).is_some()
}

pub(crate) fn may_reach(harts: &Harts, frame: u64) -> bool {
    harts.may_reach(page(frame), |_: &Reach| false).is_some()
}

/// The physical addresses to which hart 0 may translate, and 0 for a fault.
pub(crate) fn targets(harts: &Harts, virt: u64) -> Vec<u64> {
    let target = |outcome| match outcome {
        Outcome::Reaches(translation) => translation.phys,
        Outcome::Fault => 0,
        Outcome::Garbage | Outcome::Bare => panic!("neither a fault nor a translation: {outcome}"),
    };
    harts.outcomes(0, virt).into_iter().map(target).collect()
}

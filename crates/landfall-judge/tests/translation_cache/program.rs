//! A small manager of address spaces on three harts, correct or with one flaw.

use std::collections::BTreeSet;

use landfall_judge::translation_cache::{Harts, Witness};

use super::machine::{GLOBAL, WRITE, leaf, page, pointer, satp};
use super::random::Random;

pub(crate) const HARTS: usize = 3;
const SPACES: u64 = 3;
const KERNEL_MIDDLE: u64 = 0x1_0000;
const KERNEL_LAST: u64 = 0x1_1000;
const KERNEL_VIRT: u64 = 0xffff_ffff_c000_0000;
const FRAMES: u64 = 0x8000_0000;

/// The one thing that the manager does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    NoDataFence,
    NoFence,
    OneHartLess,
    AnotherPage,
    AnotherAsid,
    AsidForGlobal,
    AddressForTables,
    NoFenceForNew,
    MaskForgetsSwitch,
}

/// Space `n` has its root, middle and last table from here on, and ASID n + 1.
fn tables(space: u64) -> [u64; 3] {
    [0, 1, 2].map(|table| 0x2_0000 + (space * 3 + table) * 0x1000)
}

fn asid(space: u64) -> u16 {
    u16::try_from(space + 1).expect("few spaces")
}

pub(crate) struct Program {
    pub(crate) harts: Harts,
    flaw: Flaw,
    /// The harts that may keep translations of a space.
    masks: Vec<BTreeSet<usize>>,
    running: [u64; HARTS],
}

impl Program {
    pub(crate) fn new(flaw: Flaw) -> Self {
        let mut program =
            Self { harts: Harts::new(HARTS), flaw, masks: vec![BTreeSet::new(); 3], running: [0; HARTS] };
        for table in [KERNEL_MIDDLE, KERNEL_LAST] {
            program.zero(0, table);
        }
        program.harts.store_by(0, KERNEL_MIDDLE, pointer(KERNEL_LAST));
        (0..SPACES).for_each(|space| program.build(0, space));
        (0..HARTS).for_each(|hart| program.switch(hart, 0));
        program
    }

    fn zero(&mut self, hart: usize, table: u64) {
        page(table).step_by(8).for_each(|at| self.harts.store_by(hart, at, 0));
        self.data_fence(hart);
    }

    fn data_fence(&mut self, hart: usize) {
        if self.flaw != Flaw::NoDataFence {
            self.harts.fence(hart);
        }
    }

    fn build(&mut self, hart: usize, space: u64) {
        let [root, middle, last] = tables(space);
        for table in tables(space) {
            self.zero(hart, table);
        }
        self.harts.store_by(hart, root, pointer(middle));
        self.harts.store_by(hart, middle, pointer(last));
        self.harts.store_by(hart, root + 511 * 8, pointer(KERNEL_MIDDLE));
        self.data_fence(hart);
    }

    fn switch(&mut self, hart: usize, space: u64) {
        self.running[hart] = space;
        if self.flaw != Flaw::MaskForgetsSwitch || hart == 0 {
            self.masks[usize::try_from(space).expect("few spaces")].insert(hart);
        }
        self.harts.write_satp(hart, satp(tables(space)[0], asid(space)));
    }

    /// Requests a fence from harts, after a data fence.
    fn shoot(&mut self, by: usize, harts: &BTreeSet<usize>, virt: Option<u64>, asid: Option<u16>) {
        self.data_fence(by);
        let skipped = usize::from(self.flaw == Flaw::OneHartLess);
        let virt = virt.map(|virt| if self.flaw == Flaw::AnotherPage { virt ^ 0x1000 } else { virt });
        let asid = asid.map(|asid| if self.flaw == Flaw::AnotherAsid { asid % 3 + 1 } else { asid });
        for &hart in harts.iter().skip(skipped).filter(|_| self.flaw != Flaw::NoFence) {
            self.harts.sfence_vma(hart, virt, asid);
        }
    }

    /// Changes a page of a space: maps it if it is unmapped, and the reverse.
    fn change_user(&mut self, by: usize, space: u64, number: u64) -> Option<Witness> {
        let at = tables(space)[2] + number * 8;
        let frame = FRAMES + (space << 16) + number * 0x1000;
        let mask = self.masks[usize::try_from(space).expect("few spaces")].clone();
        let is_new = self.harts.load(at) == Some(0);
        self.harts.store_by(by, at, if is_new { leaf(frame, WRITE) } else { 0 });
        if !is_new || self.flaw != Flaw::NoFenceForNew {
            self.shoot(by, &mask, Some(number << 12), Some(asid(space)));
        }
        self.judge(is_new, frame, number << 12, |hart, program| program.running[hart] == space)
    }

    fn change_kernel(&mut self, by: usize, number: u64) -> Option<Witness> {
        let (at, virt) = (KERNEL_LAST + number * 8, KERNEL_VIRT + (number << 12));
        let frame = FRAMES + (SPACES << 16) + number * 0x1000;
        let is_new = self.harts.load(at) == Some(0);
        self.harts.store_by(by, at, if is_new { leaf(frame, WRITE | GLOBAL) } else { 0 });
        let with_asid = (self.flaw == Flaw::AsidForGlobal).then(|| asid(self.running[by]));
        if !is_new || self.flaw != Flaw::NoFenceForNew {
            self.shoot(by, &(0..HARTS).collect(), Some(virt), with_asid);
        }
        self.judge(is_new, frame, virt, |_, _| true)
    }

    /// A new page faults on no hart; the frame of an old one is out of reach.
    fn judge(
        &self,
        is_new: bool,
        frame: u64,
        virt: u64,
        sees: impl Fn(usize, &Self) -> bool,
    ) -> Option<Witness> {
        if is_new {
            let mut harts = (0..HARTS).filter(|&hart| sees(hart, self));
            harts.find_map(|hart| self.harts.may_fault(hart, virt))
        } else {
            self.harts.may_reach(page(frame), |_| false)
        }
    }

    /// Ends a space and begins it anew, in the same tables.
    fn replace(&mut self, by: usize, space: u64) -> Option<String> {
        let other = (space + 1) % SPACES;
        for hart in 0..HARTS {
            if self.running[hart] == space {
                self.switch(hart, other);
            }
        }
        let mask = core::mem::take(&mut self.masks[usize::try_from(space).expect("few spaces")]);
        let virt = (self.flaw == Flaw::AddressForTables).then_some(0);
        self.shoot(by, &mask, virt, Some(asid(space)));
        for table in tables(space) {
            if let Some(found) = self.harts.walks_table_in(page(table)) {
                return Some(found.to_string());
            }
            self.harts.discard(page(table));
        }
        let frames = FRAMES + (space << 16)..FRAMES + ((space + 1) << 16);
        let found = self.harts.may_reach(frames, |_| false).map(|witness| witness.to_string());
        self.build(by, space);
        found
    }

    /// Takes one step, and returns the harm that it does.
    pub(crate) fn step(&mut self, random: &mut Random) -> Option<String> {
        let hart = usize::try_from(random.below(3)).expect("few harts");
        let (space, number) = (random.below(SPACES), random.below(16));
        match random.below(16) {
            0 => self.replace(hart, space),
            1..5 => {
                self.switch(hart, space);
                None
            }
            5..9 => self.change_kernel(hart, number).map(|witness| witness.to_string()),
            _ => self.change_user(hart, space, number).map(|witness| witness.to_string()),
        }
    }
}

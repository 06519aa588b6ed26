//! Chooses the end of a walk, checks it, and sets A and D.

use super::ends::End;
use super::{is_canonical, levels};
use crate::hart::trap::{Cause, Trap};
use crate::hart::{Hart, Privilege};
use crate::liberty::Liberty;
use crate::memory::{Bytes, Store, WORDS, word_of};
use crate::world::{Access, Use, World};

const V: u64 = 1;
const R: u64 = 1 << 1;
const W: u64 = 1 << 2;
const X: u64 = 1 << 3;
const U: u64 = 1 << 4;
const A: u64 = 1 << 6;
const D: u64 = 1 << 7;
const N: u64 = 1 << 63;
/// The memory type of Svpbmt.
const PBMT: u64 = 3 << 61;
/// Bits that must be 0.
const RESERVED: u64 = 0x7f << 54;
/// SUM of `sstatus`.
const SUM: u64 = 1 << 18;
/// MXR of `sstatus`.
const MXR: u64 = 1 << 19;

/// A walk fails.
enum Fault {
    /// The entry forbids the access, or is invalid.
    Page,
    /// There is no memory at a table.
    Access,
}

impl World {
    /// Returns the physical address that a hart's access leads to.
    pub(crate) fn translate(&mut self, hart: &mut Hart, address: u64, access: Access) -> Result<u64, Trap> {
        let satp = hart.csrs.satp;
        let Some(levels) = levels(satp) else {
            hart.translations.set_certain(true);
            return Ok(address);
        };
        if !is_canonical(levels, address) {
            return Err(trap(&Fault::Page, access, address));
        }
        let ends = self.explore(hart, satp, address);
        hart.translations.set_certain(ends.len() == 1);
        let mut all = ends.iter();
        let Some(&present) = all.next() else {
            return Err(trap(&Fault::Access, access, address));
        };
        let mut chosen = present;
        for &end in all {
            if let Some(stale) = end.stale
                && self.choices.uses_past(hart.index, stale.liberty)
            {
                self.note(hart, address, &end);
                chosen = end;
                break;
            }
        }
        self.set_speculatively(hart, &present);
        let result = self.check(hart, address, access, chosen, present);
        result.map_err(|fault| trap(&fault, access, address))
    }

    fn note(&mut self, hart: &Hart, address: u64, end: &End) {
        let Some(stale) = end.stale else { return };
        self.uses.note(Use {
            liberty: stale.liberty,
            event: self.choices.opportunities(stale.liberty),
            hart: hart.index,
            pc: hart.pc,
            virtual_address: address,
            word: stale.word,
            used: stale.used,
            present: stale.present,
            writer: stale.writer,
            writer_pc: stale.writer_pc,
        });
    }

    /// Checks the entry, and returns the physical address.
    fn check(
        &mut self,
        hart: &mut Hart,
        address: u64,
        access: Access,
        end: End,
        present: End,
    ) -> Result<u64, Fault> {
        let entry = end.entry.ok_or(Fault::Access)?;
        if !self.is_leaf(entry, end.level) || !permits(hart, entry, access) {
            return Err(Fault::Page);
        }
        let wanted = if access == Access::Store { A | D } else { A };
        if entry & wanted != wanted {
            if !hart.features.updates_entries {
                return Err(Fault::Page);
            }
            if end != present {
                // The update finds another entry in memory than the hart has read: it walks again.
                return self.check(hart, address, access, present, present);
            }
            self.set_bits(hart, end.address, wanted);
        }
        let offset_bits = if entry & N != 0 { 16 } else { 12 + 9 * end.level };
        let mask = (1 << offset_bits) - 1;
        Ok((entry & ((1 << 54) - 1)) >> 10 << 12 & !mask | address & mask)
    }

    /// Returns true if the entry is a valid leaf of its level.
    fn is_leaf(&self, entry: u64, level: u32) -> bool {
        let extensions = &self.config.extensions;
        let number = entry >> 10 & ((1 << 44) - 1);
        let is_napot = entry & N != 0;
        let is_reserved = entry & RESERVED != 0
            || entry & PBMT != 0 && !extensions.svpbmt
            || entry & PBMT == PBMT
            || is_napot && (!extensions.svnapot || level != 0 || number & 0xf != 8);
        let is_pointer = entry & (R | W | X) == 0;
        let is_misaligned = number & ((1 << (9 * level)) - 1) != 0;
        entry & V != 0 && !is_pointer && entry & (R | W) != W && !is_reserved && !is_misaligned
    }

    /// Sets bits of an entry in memory, in one step.
    fn set_bits(&mut self, hart: &Hart, address: u64, bits: u64) {
        if let Some(frame) = self.memory.frame_at(address) {
            let store = Store {
                bytes: Bytes { frame, word: word_of(address), mask: bits },
                value: bits,
                hart: hart.index,
                pc: hart.pc,
                issued: hart.retired,
                carried: 0,
            };
            self.memory.perform(store, self.now);
        }
    }

    /// Sets A of another leaf in the same table, as a speculative walk would.
    fn set_speculatively(&mut self, hart: &Hart, end: &End) {
        if !hart.features.updates_entries
            || !self.choices.chance(hart.index, Liberty::SpeculativeAccessed, 1, 8)
        {
            return;
        }
        let index = self.choices.choose(hart.index, Liberty::SpeculativeAccessed, WORDS as u64);
        let address = (end.address & !0xfff) + 8 * index;
        if let Some(frame) = self.memory.frame_at(address) {
            let entry = self.memory.frame(frame).word(word_of(address));
            if self.is_leaf(entry, end.level) && entry & A == 0 {
                self.set_bits(hart, address, A);
            }
        }
    }
}

/// Returns true if the entry permits the access in the hart's privilege mode.
const fn permits(hart: &Hart, entry: u64, access: Access) -> bool {
    let status = hart.csrs.sstatus;
    let is_user = entry & U != 0;
    let mode = match hart.privilege {
        Privilege::User => is_user,
        Privilege::Supervisor => !is_user || !matches!(access, Access::Fetch) && status & SUM != 0,
    };
    let kind = match access {
        Access::Load => entry & R != 0 || status & MXR != 0 && entry & X != 0,
        Access::Store => entry & W != 0,
        Access::Fetch => entry & X != 0,
    };
    mode && kind
}

fn trap(fault: &Fault, access: Access, address: u64) -> Trap {
    let cause = match (fault, access) {
        (Fault::Page, Access::Load) => Cause::LoadPage,
        (Fault::Page, Access::Store) => Cause::StorePage,
        (Fault::Page, Access::Fetch) => Cause::InstructionPage,
        (Fault::Access, Access::Load) => Cause::LoadAccess,
        (Fault::Access, Access::Store) => Cause::StoreAccess,
        (Fault::Access, Access::Fetch) => Cause::InstructionAccess,
    };
    Trap::new(cause, address)
}

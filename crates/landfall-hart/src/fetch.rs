//! Fetches: the present instructions, and those that a hart may still fetch of earlier ones.
//!
//! Each parcel of 16 bits may be any value that its place has held. A value is gone once the hart
//! has executed a `fence.i` that knew of the store which replaced it.

use crate::access::Access;
use crate::hart::Hart;
use crate::hart::trap::{Cause, Trap};
use crate::isa::{self, Inst};
use crate::liberty::Liberty;
use crate::memory::{FrameId, word_of};
use crate::world::{Place, Use, World};

/// The number of older values that a fetch can choose among.
const OLDER: usize = 4;

impl World {
    /// Fetches and decodes the instruction at `pc`.
    #[inline]
    pub(crate) fn fetch(&mut self, hart: &mut Hart) -> Result<Inst, Trap> {
        if let Some(id) = hart.translations.quick(Access::Fetch, hart.pc) {
            let frame = self.memory.frame(id);
            let slot = slot(hart.pc);
            if (!self.stale_fetches || frame.is_known(slot, hart.index, hart.view.fetched(frame.base())))
                && let Some(inst) = frame.decoded(slot)
            {
                return Ok(inst);
            }
        }
        self.fetch_slowly(hart)
    }

    #[cold]
    #[inline(never)]
    fn fetch_slowly(&mut self, hart: &mut Hart) -> Result<Inst, Trap> {
        let pc = hart.pc;
        let id = self.fetch_place(hart, pc)?;
        self.memory.prepare_code(id);
        let low = u32::from(self.parcel(hart, id, pc));
        if low.trailing_ones() < 2 {
            return Ok(self.keep(hart, id, isa::decode(low)));
        }
        let next = pc.wrapping_add(2);
        let is_split = next.is_multiple_of(0x1000);
        let behind = if is_split { self.fetch_place(hart, next)? } else { id };
        let inst = isa::decode(u32::from(self.parcel(hart, behind, next)) << 16 | low);
        Ok(if is_split { inst } else { self.keep(hart, id, inst) })
    }

    fn fetch_place(&mut self, hart: &mut Hart, address: u64) -> Result<FrameId, Trap> {
        match self.place(hart, address, Access::Fetch)? {
            Place::Memory(frame) => Ok(frame),
            Place::Device(_) => Err(Trap::new(Cause::InstructionAccess, address)),
        }
    }

    /// Keeps a decoded instruction if the frame has no other.
    fn keep(&mut self, hart: &Hart, id: FrameId, inst: Inst) -> Inst {
        let slot = slot(hart.pc);
        let frame = self.memory.frame(id);
        if !self.stale_fetches || frame.is_known(slot, hart.index, hart.view.fetched(frame.base())) {
            self.memory.frame_mut(id).keep_decoded(slot, inst);
        }
        inst
    }

    /// Returns the encoding at `pc`, for the trap of an instruction that is not permitted.
    pub(crate) fn encoding(&mut self, hart: &mut Hart) -> u64 {
        let mut bits = 0;
        for at in [0, 2] {
            let Ok(id) = self.fetch_place(hart, hart.pc.wrapping_add(at)) else { break };
            let word = self.memory.frame(id).word(word_of(hart.pc.wrapping_add(at)));
            let parcel = part(word, 8 * (hart.pc.wrapping_add(at) & 6));
            bits |= u64::from(parcel) << (8 * at);
            if bits & 3 != 3 {
                break;
            }
        }
        bits
    }

    /// Fetches 16 bits.
    fn parcel(&mut self, hart: &mut Hart, id: FrameId, address: u64) -> u16 {
        let frame = self.memory.frame(id);
        let (word, bits) = (word_of(address), 8 * (address & 6));
        let present = part(frame.word(word), bits);
        let known = hart.view.fetched(frame.base());
        if !self.stale_fetches || frame.is_known(slot(address), hart.index, known) {
            return present;
        }
        let base = frame.base() + 8 * word as u64;
        let mut older = [None; OLDER];
        let mut count = 0;
        for (time, entry) in frame.stores_to_code(word) {
            if count == OLDER || known.of(entry.hart == hart.index, *time) {
                break;
            }
            if part(entry.old, bits) != present {
                older[count] = Some(*entry);
                count += 1;
            }
        }
        if count == 0 || !self.choices.uses_past(hart.index, Liberty::StaleFetch) {
            return present;
        }
        let drawn = self.choices.choose(hart.index, Liberty::StaleFetch, count as u64);
        let index = usize::try_from(drawn).unwrap_or(0);
        let Some(missed) = older.get(index).copied().flatten() else { return present };
        let used = part(missed.old, bits);
        self.uses.note(Use {
            liberty: Liberty::StaleFetch,
            event: self.choices.opportunities(Liberty::StaleFetch),
            hart: hart.index,
            pc: hart.pc,
            virtual_address: address,
            word: base,
            used: u64::from(used),
            present: u64::from(present),
            writer: missed.hart,
            writer_pc: missed.pc,
        });
        used
    }
}

/// Returns the 16 bits of a word above its low `bits`.
#[expect(clippy::cast_possible_truncation, reason = "the part that is wanted")]
const fn part(word: u64, bits: u64) -> u16 {
    (word >> bits) as u16
}

/// Returns the number of an instruction's place in its frame.
#[inline]
const fn slot(address: u64) -> usize {
    (address & 0xfff) as usize >> 1
}

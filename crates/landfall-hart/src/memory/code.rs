//! The decoded instructions of a frame, and the last stores into each of its blocks.

use std::collections::{BTreeMap, VecDeque};

use super::writers::Writers;
use super::{Entry, FrameId, Known, Memory, word_of};
use crate::isa::{Inst, Op};

/// The number of places in a frame where an instruction can begin.
const SLOTS: usize = 2048;
/// The number of places in a block of 64 bytes.
const BLOCK: usize = 32;
/// The number of stores to a word that are kept: code may be copied by bytes, twice.
const STORES: usize = 16;

const NOT_DECODED: Inst = Inst { op: Op::Illegal, rd: 0, rs1: 0, rs2: 0, len: 0, imm: 0 };

/// The instructions of a frame.
#[derive(Debug)]
pub(super) struct Code {
    /// By place; a length of 0 is one that is not decoded.
    decoded: Vec<Inst>,
    /// By block. A frame often holds code and data.
    blocks: [Writers; SLOTS / BLOCK],
    /// By word: the last stores, the newest first, with their times.
    stores: BTreeMap<usize, VecDeque<(u64, Entry)>>,
}

impl Code {
    fn new(writers: Writers) -> Self {
        let blocks = [writers; SLOTS / BLOCK];
        Self { decoded: vec![NOT_DECODED; SLOTS], blocks, stores: BTreeMap::new() }
    }

    /// Returns the decoded instruction at a place, if there is one.
    #[inline]
    pub(super) fn decoded(&self, slot: usize) -> Option<Inst> {
        let inst = self.decoded[slot & (SLOTS - 1)];
        (inst.len != 0).then_some(inst)
    }

    /// Keeps the decoded instruction of a place.
    pub(super) fn keep(&mut self, slot: usize, inst: Inst) {
        self.decoded[slot & (SLOTS - 1)] = inst;
    }

    /// Forgets the instructions that a word is part of: one can begin 2 bytes before it.
    pub(super) fn forget(&mut self, word: usize) {
        self.decoded[(4 * word).saturating_sub(1)..4 * word + 4].fill(NOT_DECODED);
    }

    /// Notes a store.
    pub(super) fn note_store(&mut self, time: u64, entry: Entry) {
        let word = word_of(entry.word);
        self.blocks[4 * word / BLOCK].note(entry.hart, time);
        let stores = self.stores.entry(word).or_default();
        stores.truncate(STORES - 1);
        stores.push_front((time, entry));
    }

    /// Returns the last stores to a word, the newest first, with their times.
    pub(super) fn stores_to(&self, word: usize) -> impl Iterator<Item = &(u64, Entry)> {
        self.stores.get(&word).into_iter().flatten()
    }

    /// Returns true if the hart knew of each store into the blocks of an instruction.
    #[inline]
    pub(super) fn is_known(&self, slot: usize, hart: usize, known: Known) -> bool {
        let block = |slot: usize| &self.blocks[slot % SLOTS / BLOCK];
        block(slot).are_known(hart, known)
            && (!(slot + 1).is_multiple_of(BLOCK) || block(slot + 1).are_known(hart, known))
    }
}

impl Memory {
    /// Prepares a frame to hold decoded instructions.
    pub(crate) fn prepare_code(&mut self, id: FrameId) {
        let frame = &self.frames[id.index()];
        if frame.has_code() {
            return;
        }
        let (stores, forgotten) = self.log.of_frame(frame.last_time());
        let mut code = Code::new(Writers::forgotten(forgotten));
        for (time, entry) in stores.iter().rev() {
            code.note_store(*time, *entry);
        }
        self.frames[id.index()].set_code(code);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bytes, Keep, Store};
    use super::*;
    use crate::config::{Region, RegionKind};

    const RAM: u64 = 0x8000_0000;

    fn store(memory: &mut Memory, address: u64, hart: usize) {
        let frame = memory.frame_at(address).expect("memory");
        let bytes = Bytes::new(frame, address, 8);
        memory.perform(Store { bytes, value: 7, hart, pc: 0, issued: 0, carried: 0 }, 0);
    }

    #[test]
    fn a_store_concerns_the_instructions_of_its_block_alone() {
        let ram = Region { start: RAM, len: 0x2000, kind: RegionKind::Ram };
        let mut memory = Memory::new(&[ram], 2, None, Keep { stores: true, tables: false });
        let nothing = Known::default();
        // The first store comes before the first fetch, the second one behind it.
        store(&mut memory, RAM + 0x40, 0);
        let frame = memory.frame_at(RAM).expect("memory");
        memory.prepare_code(frame);
        store(&mut memory, RAM + 0x800, 1);
        let unknown: Vec<_> =
            (0..SLOTS).filter(|&slot| !memory.frame(frame).is_known(slot, 0, nothing)).collect();
        // The last place before each block begins an instruction of 4 bytes.
        let blocks = [0x3e..0x80, 0x7fe..0x840].map(|bytes| bytes.step_by(2).map(|byte| byte / 2));
        assert_eq!(unknown, blocks.into_iter().flatten().collect::<Vec<_>>());
        let own = Known { own: 2, others: 0 };
        assert!(memory.frame(frame).is_known(0x20, 0, own));
        assert!(!memory.frame(frame).is_known(0x400, 0, own), "the other hart's store is not known");
    }
}

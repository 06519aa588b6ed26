//! A frame: 4 KiB of memory, and what is known of it.

use crate::config::RegionKind;
use crate::isa::Inst;

use super::Entry;
use super::code::Code;
use super::past::{Past, Pasts};
use super::writers::Writers;

/// The number of 8-byte words of a frame.
pub(crate) const WORDS: usize = 512;
/// The index of a frame that was touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameId(u32);

impl FrameId {
    pub(crate) const fn new(index: u32) -> Self {
        Self(index)
    }

    /// Returns the index.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// 4 KiB of memory.
#[derive(Debug)]
pub(crate) struct Frame {
    base: u64,
    kind: RegionKind,
    words: Box<[u64; WORDS]>,
    /// Its instructions, if it holds code.
    code: Option<Box<Code>>,
    /// The past of each word of a table.
    table: Option<Pasts>,
    /// A store has to look further: the frame holds tables or code.
    watched: bool,
    writers: Writers,
    /// The latest time that a hart's loads of its own stores come after.
    carried: u64,
}

impl Frame {
    pub(super) fn new(base: u64, kind: RegionKind, noise: Option<u64>) -> Self {
        let mut words = Box::new([0; WORDS]);
        if let Some(seed) = noise {
            let mut state = seed ^ base;
            words.fill_with(|| {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed ^ mixed >> 31
            });
        }
        Self {
            base,
            kind,
            words,
            code: None,
            table: None,
            watched: false,
            writers: Writers::NONE,
            carried: 0,
        }
    }

    /// Returns the physical address of its first byte.
    pub(crate) const fn base(&self) -> u64 {
        self.base
    }

    /// Returns a word.
    #[inline]
    pub(crate) fn word(&self, index: usize) -> u64 {
        self.words[index & (WORDS - 1)]
    }

    #[inline]
    pub(super) fn set_word(&mut self, index: usize, value: u64) {
        self.words[index & (WORDS - 1)] = value;
    }

    /// Returns true if stores into the frame fault.
    #[inline]
    pub(crate) const fn faults_on_stores(&self) -> bool {
        matches!(self.kind, RegionKind::Rom)
    }

    #[inline]
    pub(super) const fn loses_stores(&self) -> bool {
        matches!(self.kind, RegionKind::Lossy)
    }

    #[inline]
    pub(super) const fn is_watched(&self) -> bool {
        self.watched
    }

    /// Returns true if a walk can reach the frame as a table.
    pub(crate) const fn is_table(&self) -> bool {
        self.table.is_some()
    }

    pub(super) fn mark_table(&mut self) {
        self.table = Some(Pasts::default());
        self.watched = true;
    }

    pub(super) fn remember(&mut self, word: usize, past: Past) {
        if let Some(table) = &mut self.table {
            table.remember(word, past);
        }
    }

    /// Returns the values that a word of a table held before, the newest first.
    pub(crate) fn pasts(&self, word: usize) -> impl Iterator<Item = &Past> {
        self.table.iter().flat_map(move |table| table.of(word))
    }

    /// Returns the decoded instruction at a place, if there is one.
    #[inline]
    pub(crate) fn decoded(&self, slot: usize) -> Option<Inst> {
        self.code.as_ref()?.decoded(slot)
    }

    /// Returns true if the frame can keep instructions.
    pub(super) const fn has_code(&self) -> bool {
        self.code.is_some()
    }

    pub(super) fn set_code(&mut self, code: Code) {
        self.watched = true;
        self.code = Some(Box::new(code));
    }

    /// Keeps the decoded instruction of a place, if the frame can.
    pub(crate) fn keep_decoded(&mut self, slot: usize, inst: Inst) {
        if let Some(code) = &mut self.code {
            code.keep(slot, inst);
        }
    }

    /// Forgets the instructions that a word is part of: one can begin 2 bytes before it.
    pub(super) fn forget_code(&mut self, word: usize) {
        if let Some(code) = &mut self.code {
            code.forget(word);
        }
    }

    pub(super) fn note_code_store(&mut self, time: u64, entry: Entry) {
        if let Some(code) = &mut self.code {
            code.note_store(time, entry);
        }
    }

    /// Returns the last stores to a word of code, the newest first, with their times.
    pub(crate) fn stores_to_code(&self, word: usize) -> impl Iterator<Item = &(u64, Entry)> {
        self.code.iter().flat_map(move |code| code.stores_to(word))
    }

    pub(super) fn note_writer(&mut self, hart: usize, time: u64, carried: u64) {
        self.writers.note(hart, time);
        self.carried = self.carried.max(carried);
    }

    /// Returns the time of the last store.
    pub(crate) const fn last_time(&self) -> u64 {
        self.writers.time()
    }

    /// Returns the time of the last store by any other hart.
    #[inline]
    pub(crate) const fn last_by_others(&self, hart: usize) -> u64 {
        self.writers.last_by_others(hart)
    }

    /// Returns true if the hart knew of each store into an instruction at a place, or near it.
    #[inline]
    pub(crate) fn is_known(&self, slot: usize, hart: usize, known: super::Known) -> bool {
        self.writers.are_known(hart, known)
            || self.code.as_ref().is_some_and(|code| code.is_known(slot, hart, known))
    }

    /// Returns the latest time that a hart's loads of its own stores come after.
    #[inline]
    pub(crate) const fn carried(&self) -> u64 {
        self.carried
    }
}

/// Returns the number of whole frames in `len` bytes.
pub(super) fn count(len: u64) -> usize {
    usize::try_from(len >> 12).unwrap_or(usize::MAX)
}

/// Returns the index of an address's word in its frame.
#[inline]
pub(crate) const fn word_of(address: u64) -> usize {
    (address >> 3 & 0x1ff) as usize
}

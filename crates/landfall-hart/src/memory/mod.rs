//! Physical memory, the log of stores, and the order in which harts see them.
//!
//! ```text
//! frame    4 KiB of memory, and what is known of it: tables, code, its last writers
//! code     the decoded instructions of a frame
//! writers  the last stores into a piece of memory
//! log      the stores of the recent past: what may still be seen of the time before them
//! view     one hart: how far it must see, and its own stores that others may not see yet
//! buffer   the stores of a hart that wait
//! ```
//!
//! The machine has one global time: the number of stores that memory has performed. A store of a
//! hart is performed at once or later. From then on all harts may see it, and each must when its
//! view has reached that time.

mod buffer;
mod code;
mod frame;
mod known;
mod log;
mod view;
mod writers;

use crate::config::{Region, RegionKind};

pub(crate) use buffer::{Pending, Waiting};
pub(crate) use frame::{Frame, FrameId, Past, WORDS, word_of};
pub(crate) use known::Known;
pub(crate) use log::{Entry, Newer};
pub(crate) use view::View;

use log::Log;

/// The index of the writer of what was in memory at entry.
pub(crate) const LOADER: usize = u32::MAX as usize;

/// Physical memory.
#[derive(Debug)]
pub(crate) struct Memory {
    regions: Vec<Frames>,
    frames: Vec<Frame>,
    log: Log,
    /// The seed of the noise that frames hold before the first store; zeros without one.
    noise: Option<u64>,
    /// The number of stores so far.
    time: u64,
    /// Counts the changes after which quick translations may be wrong.
    generation: u64,
    /// True if the past of tables is kept.
    keeps_tables: bool,
    /// The harts' reservations: the address of a word, or [`NO_WORD`].
    reservations: Vec<u64>,
}

/// The address of no word.
const NO_WORD: u64 = u64::MAX;

/// The parts of the past that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keep {
    /// Stores, for late loads and fetches.
    pub(crate) stores: bool,
    /// Entries of page tables.
    pub(crate) tables: bool,
}

/// The frames of a region that were touched.
#[derive(Debug)]
struct Frames {
    region: Region,
    /// By frame number in the region: 0, or the frame's index and 1.
    slots: Vec<u32>,
}

/// One store, as memory performs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Store {
    /// The frame.
    pub(crate) frame: FrameId,
    /// The index of the 8-byte word in the frame.
    pub(crate) word: usize,
    /// The bytes that are stored, as bits of the word.
    pub(crate) mask: u64,
    /// The bits that are stored.
    pub(crate) value: u64,
    /// The hart that stores.
    pub(crate) hart: usize,
    /// The address of the instruction.
    pub(crate) pc: u64,
    /// The instructions that the hart had retired before it.
    pub(crate) issued: u64,
    /// The hart's own loads of the value come after this time. It is the view of the registers that
    /// a store depends on, or the own time of an AMO or SC.
    pub(crate) carried: u64,
}

impl Memory {
    /// Returns memory with these regions.
    pub(crate) fn new(regions: &[Region], harts: usize, noise: Option<u64>, keep: Keep) -> Self {
        let regions = regions
            .iter()
            .map(|&region| Frames { region, slots: vec![0; frame::count(region.len)] })
            .collect();
        Self {
            regions,
            frames: Vec::new(),
            log: Log::new(keep.stores),
            noise,
            time: 0,
            generation: 0,
            keeps_tables: keep.tables,
            reservations: vec![NO_WORD; harts],
        }
    }

    /// Returns the number of stores so far.
    pub(crate) const fn time(&self) -> u64 {
        self.time
    }

    /// Returns the count of changes after which quick translations may be wrong.
    pub(crate) const fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns true if the past of tables is kept.
    pub(crate) const fn keeps_tables(&self) -> bool {
        self.keeps_tables
    }

    /// Returns the frame of a physical address that harts may access.
    pub(crate) fn frame_at(&mut self, address: u64) -> Option<FrameId> {
        let at = self.regions.iter().position(|frames| {
            address.wrapping_sub(frames.region.start) < frames.region.len
                && frames.region.kind != RegionKind::Firmware
        })?;
        Some(self.materialize(at, address))
    }

    /// Returns the frame of an address in a region, which begins as noise.
    fn materialize(&mut self, region: usize, address: u64) -> FrameId {
        let frames = &mut self.regions[region];
        let slot = &mut frames.slots[frame::count(address - frames.region.start)];
        if *slot == 0 {
            self.frames.push(Frame::new(address & !0xfff, frames.region.kind, self.noise));
            *slot = u32::try_from(self.frames.len()).unwrap_or(u32::MAX);
        }
        FrameId::new(*slot - 1)
    }

    /// Returns a frame.
    #[inline]
    pub(crate) fn frame(&self, id: FrameId) -> &Frame {
        &self.frames[id.index()]
    }

    /// Returns a frame, to be changed otherwise than by stores.
    #[inline]
    pub(crate) fn frame_mut(&mut self, id: FrameId) -> &mut Frame {
        &mut self.frames[id.index()]
    }

    /// Performs a store: all harts may see it from now on. Returns its time.
    ///
    /// `now` is the number of instructions that all harts have executed.
    #[inline]
    pub(crate) fn perform(&mut self, store: Store, now: u64) -> u64 {
        let frame = &mut self.frames[store.frame.index()];
        if frame.loses_stores() {
            return self.time;
        }
        let old = frame.word(store.word);
        self.time += 1;
        if self.log.is_kept() {
            let entry = Entry {
                word: frame.base() + 8 * store.word as u64,
                old,
                previous: frame.last_time(),
                hart: store.hart,
                pc: store.pc,
                carried: store.carried,
            };
            self.log.push(self.time, entry);
            frame.note_writer(store.hart, self.time, store.carried);
        }
        frame.set_word(store.word, old & !store.mask | store.value & store.mask);
        if frame.is_watched() {
            self.changed(store, old, now);
        }
        if self.reservations.len() > 1 {
            self.break_reservations(store);
        }
        self.time
    }

    /// Follows a store into a frame that holds tables or decoded instructions.
    #[cold]
    fn changed(&mut self, store: Store, old: u64, now: u64) {
        let time = self.time;
        let frame = &mut self.frames[store.frame.index()];
        frame.forget_code(store.word);
        if self.log.is_kept() {
            frame.note_code_writer(store.word, store.hart, time);
        }
        if !frame.is_table() {
            return;
        }
        self.generation += 1;
        if self.keeps_tables {
            let Store { hart, pc, issued, .. } = store;
            let past = Past { until: time, at: now, value: old, hart, pc, issued };
            frame.remember(store.word, past);
            let entry = frame.word(store.word);
            self.mark_table_of(entry);
        }
    }

    /// Marks the frame as one of tables, and each that its pointers reach.
    pub(crate) fn mark_tables(&mut self, address: u64) {
        let Some(id) = self.frame_at(address) else { return };
        let frame = &mut self.frames[id.index()];
        if frame.is_table() {
            return;
        }
        frame.mark_table();
        self.generation += 1;
        if self.keeps_tables {
            for word in 0..WORDS {
                let entry = self.frames[id.index()].word(word);
                self.mark_table_of(entry);
            }
        }
    }

    /// Marks the table that an entry points to, if it points to one.
    fn mark_table_of(&mut self, entry: u64) {
        // V is set, R, W and X are clear: a pointer. Anything else reaches no table.
        if entry & 0xf == 1 && entry >> 54 == 0 {
            self.mark_tables(entry >> 10 << 12);
        }
    }

    fn break_reservations(&mut self, store: Store) {
        let word = self.frames[store.frame.index()].base() + 8 * store.word as u64;
        for (hart, reserved) in self.reservations.iter_mut().enumerate() {
            if *reserved == word && hart != store.hart {
                *reserved = NO_WORD;
            }
        }
    }

    /// Reserves a word for a hart.
    pub(crate) fn reserve(&mut self, hart: usize, word: u64) {
        self.reservations[hart] = word;
    }

    /// Ends a hart's reservation, and returns true if it was for the word and nothing broke it.
    pub(crate) fn take_reservation(&mut self, hart: usize, word: u64) -> bool {
        std::mem::replace(&mut self.reservations[hart], NO_WORD) == word
    }

    /// Returns the stores to a word that are newer than `floor`, the newest first, with their
    /// times.
    pub(crate) fn newer(&self, id: FrameId, word: usize, floor: u64) -> Newer<'_> {
        let frame = self.frame(id);
        self.log.newer(frame.base() + 8 * word as u64, frame.last_time(), floor)
    }

    /// Reads bytes at a physical address, as memory holds them now; `None` outside memory.
    pub(crate) fn read(&mut self, address: u64, bytes: &mut [u8]) -> Option<()> {
        for (at, byte) in (address..).zip(bytes) {
            let frame = self.frame_at(at)?;
            let word = self.frame(frame).word(word_of(at));
            *byte = word.to_le_bytes()[(at & 7) as usize];
        }
        Some(())
    }

    /// Writes bytes at a physical address, as the firmware or a loader does; `None` outside memory.
    ///
    /// All harts see them at once: the writer is the machine itself.
    pub(crate) fn write(&mut self, address: u64, bytes: &[u8]) -> Option<()> {
        let mut at = address;
        let mut rest = bytes;
        while !rest.is_empty() {
            let region = self
                .regions
                .iter()
                .position(|frames| at.wrapping_sub(frames.region.start) < frames.region.len)?;
            let frame = self.materialize(region, at);
            let start = (at & 7) as usize;
            let len = rest.len().min(8 - start);
            let mut word = self.frame(frame).word(word_of(at)).to_le_bytes();
            word[start..start + len].copy_from_slice(&rest[..len]);
            let frame = self.frame_mut(frame);
            frame.set_word(word_of(at), u64::from_le_bytes(word));
            frame.forget_code(word_of(at));
            rest = &rest[len..];
            at += len as u64;
        }
        self.generation += 1;
        Some(())
    }
}

//! Physical memory, the log of stores, and the order in which harts see them.
//!
//! ```text
//! frame    4 KiB of memory, and what is known of it: tables, code, its last writers
//! bytes    the bytes of an access
//! code     the decoded instructions of a frame
//! writers  the last stores into a piece of memory
//! store    one store, and its effects
//! past     what the entries of tables were before
//! tables   the frames that walks can reach
//! contents bytes at physical addresses, for firmware and loaders
//! log      the stores of the recent past: what may still be seen of the time before them
//! view     one hart: how far it must see, and its own stores that others may not see yet
//! buffer   the stores of a hart that wait
//! ```
//!
//! The machine has one global time: the number of stores that memory has performed. A store of a
//! hart is performed at once or later. From then on all harts may see it, and each must when its
//! view has reached that time.

mod buffer;
mod bytes;
mod code;
mod contents;
mod frame;
mod known;
mod log;
mod past;
mod store;
mod tables;
mod view;
mod writers;

use crate::config::{Region, RegionKind};

pub(crate) use buffer::{Pending, Waiting};
pub(crate) use bytes::{Bytes, ones, shift};
pub(crate) use frame::{Frame, FrameId, WORDS, word_of};
pub(crate) use known::Known;
pub(crate) use log::{Entry, Newer};
pub(crate) use past::Past;
pub(crate) use store::Store;
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

    /// Returns the stores to any of the bytes that are newer than `floor`, the newest first, with
    /// their times.
    pub(crate) fn newer(&self, bytes: Bytes, floor: u64) -> Newer<'_> {
        let frame = self.frame(bytes.frame);
        let word = frame.base() + 8 * bytes.word as u64;
        self.log.newer((word, bytes.mask), frame.last_time(), floor)
    }
}

//! The table of loaded modules: for trap handlers and for debuggers, which read it without a lock.
//!
//! ```text
//! magic: u64   capacity: u64
//! slots:       sequence: u64   text, constants, data: address and bytes, u64 each   name: [u8; 56]
//! ```
//!
//! A slot is free if its text has 0 bytes. An odd sequence number says that it is being changed.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering, fence};

use landfall_paging::{VirtAddr, VirtRange};

use crate::MOST_NAME;
use crate::part::Part;

/// The modules that may be loaded at a time.
pub const CAPACITY: usize = 32;

/// `modules1`
const MAGIC: u64 = 0x6d6f_6475_6c65_7331;

/// The table of loaded modules. [`kernel!`](crate::kernel!) defines that of a kernel.
#[derive(Debug)]
#[repr(C)]
pub struct Table {
    magic: u64,
    capacity: u64,
    slots: [Slot; CAPACITY],
}

#[derive(Debug)]
#[repr(C)]
struct Slot {
    sequence: AtomicU64,
    parts: [[AtomicU64; 2]; 3],
    name: [AtomicU64; 7],
}

/// An address within a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InModule {
    name: [u8; 56],
    /// The part.
    pub part: Part,
    /// Bytes from the start of the part.
    pub offset: u64,
}

impl InModule {
    /// Returns the name of the module.
    #[must_use]
    pub fn name(&self) -> &str {
        let end = self.name.iter().position(|byte| *byte == 0).unwrap_or(self.name.len());
        str::from_utf8(&self.name[..end]).unwrap_or_default()
    }
}

impl fmt::Display for InModule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of module {}, at {:#x}", self.part, self.name(), self.offset)
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl Table {
    /// Returns a table without modules.
    #[must_use]
    pub const fn new() -> Self {
        Self { magic: MAGIC, capacity: CAPACITY as u64, slots: [const { Slot::new() }; CAPACITY] }
    }

    /// Returns the module to which an address belongs. It takes no lock and changes nothing, so a
    /// trap handler can call it. A module that is being loaded or unloaded may be missing.
    #[must_use]
    pub fn what_is(&self, address: VirtAddr) -> Option<InModule> {
        self.slots.iter().find_map(|slot| slot.what_is(address))
    }

    /// Writes a module into a slot.
    pub(crate) fn publish(&self, index: usize, name: &[u8], parts: &[VirtRange; 3]) {
        let mut padded = [0; 56];
        padded[..name.len().min(MOST_NAME)].copy_from_slice(&name[..name.len().min(MOST_NAME)]);
        self.slots[index].change(parts, &padded);
    }

    /// Frees a slot.
    pub(crate) fn withdraw(&self, index: usize) {
        self.slots[index].change(&[VirtRange::EMPTY; 3], &[0; 56]);
    }
}

impl Slot {
    const fn new() -> Self {
        Self {
            sequence: AtomicU64::new(0),
            parts: [const { [const { AtomicU64::new(0) }; 2] }; 3],
            name: [const { AtomicU64::new(0) }; 7],
        }
    }

    /// A reader that sees one new word sees the odd number before it or the even one behind it.
    fn change(&self, parts: &[VirtRange; 3], name: &[u8; 56]) {
        let sequence = self.sequence.load(Ordering::Relaxed);
        self.sequence.store(sequence.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        for ([start, size], range) in self.parts.iter().zip(parts) {
            start.store(range.start().get(), Ordering::Relaxed);
            size.store(range.size(), Ordering::Relaxed);
        }
        for (word, bytes) in self.name.iter().zip(name.as_chunks().0) {
            word.store(u64::from_le_bytes(*bytes), Ordering::Relaxed);
        }
        self.sequence.store(sequence.wrapping_add(2), Ordering::Release);
    }

    fn what_is(&self, address: VirtAddr) -> Option<InModule> {
        let before = self.sequence.load(Ordering::Acquire);
        let (part, offset) = Part::ALL.into_iter().zip(&self.parts).find_map(|(part, [start, size])| {
            let start = VirtAddr::new(start.load(Ordering::Relaxed));
            let range = VirtRange::new(start, size.load(Ordering::Relaxed));
            range.contains_address(address).then(|| (part, address.wrapping_offset_from(start)))
        })?;
        let mut name = [0; 56];
        for (bytes, word) in name.as_chunks_mut().0.iter_mut().zip(&self.name) {
            *bytes = word.load(Ordering::Relaxed).to_le_bytes();
        }
        fence(Ordering::Acquire);
        let unchanged = before.is_multiple_of(2) && self.sequence.load(Ordering::Relaxed) == before;
        unchanged.then_some(InModule { name, part, offset })
    }
}

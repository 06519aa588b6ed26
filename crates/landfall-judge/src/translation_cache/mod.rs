//! Harts that keep every translation that the specification lets them keep.
//!
//! QEMU and Spike do not notice a missing fence. [`Harts`] stands in for a machine whose harts do
//! the worst. Each keeps every entry that a walk from its `satp` could have read, until a fence
//! covers the entry. A test stores to tables and executes fences through the model, and asks what a
//! hart may still reach.
//!
//! The rules are those of the privileged specification:
//!
//! - "An implicit read [...] may return any translation for an address that was valid at any time
//!   since the most recent SFENCE.VMA that subsumes that address."
//! - "Implementations may also execute the address-translation algorithm speculatively at any time,
//!   for any virtual address, as long as satp is active". So an entry is kept as soon as it can be
//!   reached, accessed or not.
//! - "This specification permits the caching of PTEs whose V (Valid) bit is clear."
//! - "writing satp does not imply any ordering constraints [...], nor does it imply any
//!   invalidation of address-translation caches."
//! - "SFENCE.VMA orders only the local hart's implicit references".
//!
//! # Representation
//! Memory is in the cache by definition. So the model stores an entry only when a store replaces it
//! while a hart can reach it. An entry serves walks in two ways, and a hart may choose either:
//!
//! - by its virtual address and level, as in a TLB,
//! - by its physical address and level, as in the specification's algorithm.
//!
//! A walk begins at the current root, at a root that the hart had before, or at a kept entry. An
//! earlier root ends with a fence that covers its ASID.
//!
//! # Use in a test
//! - Zero each table with [`Harts::store`] or [`Harts::store_by`] before an entry points to it.
//!   Words that were never stored are [`Outcome::Garbage`].
//! - Use [`Harts::store_by`] and [`Harts::fence`] to find missing data fences too. With
//!   [`Harts::store`], every store is visible at once.
//! - When a frame returns to its allocator, ask [`Harts::may_reach`] and [`Harts::walks_table_in`],
//!   and then [`Harts::discard`] it.
//! - After the fence that completes the removal of a permission, ask [`Harts::may`].
//! - Before a new mapping is published, ask [`Harts::may_fault`] on each hart.
//!
//! # Limits
//! A and D are ignored: a leaf without them counts as usable. G-stage translation, PMP and the
//! memory map are not modeled.
//!
//! ```
//! use landfall_judge::translation_cache::{Access, Harts};
//!
//! // One hart in sv39. The root at 0x1000 leads to tables at 0x2000 and 0x3000, and the last maps
//! // address 0 to 0x8000_0000: V, R, W, A and D.
//! let mut harts = Harts::new(1);
//! harts.store(0x1000, 0x2000 >> 2 | 1);
//! harts.store(0x2000, 0x3000 >> 2 | 1);
//! harts.store(0x3000, 0x8000_0000 >> 2 | 0xc7);
//! harts.write_satp(0, 8 << 60 | 0x1000 >> 12);
//!
//! // The page is unmapped. Until the fence, the hart may still write to it.
//! harts.store(0x3000, 0);
//! let frame = 0x8000_0000..0x8000_1000;
//! assert!(harts.may(0, 0, Access::Store).is_some());
//! assert!(harts.may_reach(frame.clone(), |_| false).is_some());
//!
//! harts.sfence_vma(0, Some(0), None);
//! assert_eq!(harts.may(0, 0, Access::Store), None);
//! assert_eq!(harts.may_reach(frame, |_| false), None);
//! ```

mod context;
mod fences;
mod format;
mod hart;
mod invalidation;
mod kept;
mod orphans;
mod questions;
mod reaching;
mod search;
mod stores;
mod unordered;
mod witness;
mod words;

use format::{Format, MemoryBits};
use hart::Hart;
use unordered::Unordered;
use words::Words;

pub use questions::Access;
pub use witness::{Holder, Outcome, Reach, Source, Step, TableUse, Translation, Witness};

/// Harts that share the memory of their tables, each with an address-translation cache of its own.
///
/// Harts are numbered from 0; all methods panic if there is no hart of that number. A new hart has
/// MODE Bare and keeps nothing. A hart that stops and starts again keeps what it had.
#[derive(Clone, Debug)]
pub struct Harts {
    words: Words,
    states: Vec<Hart>,
    unordered: Unordered,
    format: Format,
    asid_mask: u16,
    svvptc: bool,
}

impl Harts {
    /// Returns `count` harts without extensions and with 16 bits of ASID. Memory is garbage.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self {
            words: Words::default(),
            states: vec![Hart::default(); count],
            unordered: Unordered::default(),
            format: Format::default(),
            asid_mask: u16::MAX,
            svvptc: false,
        }
    }

    /// Gives the harts Svnapot.
    #[must_use]
    pub const fn with_svnapot(mut self) -> Self {
        self.format.svnapot = true;
        self
    }

    /// Gives the harts Svpbmt.
    #[must_use]
    pub const fn with_svpbmt(mut self) -> Self {
        self.format.memory = MemoryBits::Svpbmt;
        self
    }

    /// Gives the harts the memory types of T-Head's C9xx, in place of Svpbmt.
    #[must_use]
    pub const fn with_thead_memory(mut self) -> Self {
        self.format.memory = MemoryBits::Thead;
        self
    }

    /// Gives the harts Svvptc, which [`Harts::bounded_time`] applies.
    #[must_use]
    pub const fn with_svvptc(mut self) -> Self {
        self.svvptc = true;
        self
    }

    /// Sets ASIDLEN. The harts ignore all other bits of `satp.ASID` and of a fence's rs2.
    ///
    /// # Panics
    /// If there are more than 16 bits.
    #[must_use]
    pub const fn with_asid_bits(mut self, bits: u32) -> Self {
        assert!(bits <= 16, "satp has at most 16 bits of ASID");
        self.asid_mask = if bits == 0 { 0 } else { u16::MAX >> (16 - bits) };
        self
    }
}

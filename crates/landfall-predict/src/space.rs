//! An address space as people look at it: its regions, what is mapped in them, and what splits the
//! linear map.
//!
//! ```
//! use landfall_predict::case::Outcome;
//! use landfall_predict::facts_file::FactsFile;
//! use landfall_predict::view::address_space;
//!
//! let facts = include_bytes!("../tests/records/facts-2.json");
//! let Outcome::Lands(prediction) = FactsFile::parse(facts)?.case(None).predict() else {
//!     panic!("the kernel of these facts has landed")
//! };
//! let regions = address_space(&prediction).regions;
//! // The regions leave no gap, from the first address of the upper half on.
//! assert_eq!(regions[0].start, prediction.plan.mode.upper_half().get());
//! assert!(regions.windows(2).all(|pair| pair[0].start + pair[0].size == pair[1].start));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use landfall_paging::{Access, LeafCount, LeafSize, Mode};

/// The upper half of an address space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressSpace {
    /// The paging mode.
    pub mode: Mode,
    /// Regions in ascending order, without gaps and overlaps, from the upper half's first address
    /// to the last byte of all.
    pub regions: Vec<Region>,
    /// The number of the tables' pages, and their physical address.
    pub tables: Memory,
}

/// Physical memory of one use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// First byte.
    pub physical: u64,
    /// Bytes.
    pub size: u64,
}

/// Virtual addresses of one use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The use.
    pub kind: Kind,
    /// First address.
    pub start: u64,
    /// Bytes.
    pub size: u64,
    /// Its parts, in ascending order. Addresses between and beside them are not mapped.
    pub parts: Vec<Part>,
    /// Why not all of it is covered by the largest leaves: one a leaf that could not be.
    pub splits: Vec<Split>,
}

/// The purpose of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All RAM that may be mapped.
    LinearMap,
    /// For modules and generated code.
    Near,
    /// The kernel's image.
    Kernel,
    /// The harts' stacks.
    Stacks,
    /// For what the kernel maps as it runs.
    Dynamic,
    /// Kept free by the policy.
    Window,
    /// Unmapped on purpose, between two regions.
    Guard,
    /// Nothing.
    Unused,
}

/// A stretch of a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// First address.
    pub start: u64,
    /// Bytes.
    pub size: u64,
    /// The kind of file.
    pub content: Content,
}

/// The content of a stretch of a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// It is mapped.
    Mapped {
        /// Name for people: "text", "RAM", "alias of text and constants", "stack 3".
        what: String,
        /// First physical address.
        physical: u64,
        /// Permission.
        access: Access,
        /// The leaves that map it.
        leaves: LeafCount,
    },
    /// It is not mapped.
    Hole {
        /// Why: "no-map memory (firmware)", "no RAM", "guard of the stack", "the landing's own
        /// memory".
        why: String,
    },
}

/// A leaf that could not be, so that smaller ones stand in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Its first virtual address.
    pub start: u64,
    /// Its first physical address.
    pub physical: u64,
    /// Its size.
    pub leaf: LeafSize,
    /// The obstacles: "no-map 0x80000000..0x80060000 (firmware)", "RAM ends at 0x81234000", "the
    /// kernel's text and constants, which are read-only".
    pub causes: Vec<String>,
}

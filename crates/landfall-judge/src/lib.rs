//! Judges a landing from outside, independently of the code that lands: by the machine's memory,
//! its device tree and the kernel's file.
//!
//! ```text
//! satp, memory --> walk --> leaves --> rules: what every table must keep
//!                                 \--> model: what this table must map
//! tables, tree, image, policy --> landing: the leaves that a landing must have, one by one
//! memory, image --> slots: the kernel's words after its landing
//! ```
//!
//! - [`walk`]: a walker written from the privileged specification, on raw words of memory.
//! - [`extensions`]: what a part may add to entries; the root that is walked says which, and by
//!   default it is nothing.
//! - [`rules`]: W^X and the others that hold for every table that a `satp` ever points to.
//! - [`model`]: obviously correct models, page by page for small machines and span by span for
//!   large ones.
//! - [`memory`]: memory of another machine, full of garbage before the first write, in which every
//!   write is counted.
//! - [`translation_cache`]: harts that keep every translation that the specification permits, to
//!   find missing fences.
//! - [`tables`]: the tables that a `satp` names, read from a machine that stands still.
//! - [`image`], [`instruction`], [`policy`]: the kernel's file and the policy in it.
//! - [`tree`]: the device tree, and the crash memory that it leaves room for.
//! - [`landing`], [`slots`]: the rules of a whole landing.
//! - [`inner`]: the rules of the jump from a wrapper to its inner kernel.
//!
//! Nothing here knows landfall's own crates: what judges the tables shares no code with what builds
//! them. Addresses are plain integers, as they come out of a machine's registers and memory.
//!
//! ```
//! use landfall_judge::{rules, walk::Root};
//!
//! // One root table in sv39, whose entry 511 is a 1 GiB leaf: R, W, G, A, D. It holds the last
//! // page, which must stay unmapped.
//! let memory = |address: u64| if address == 0x8020_0000 + 511 * 8 { 0x2000_00e7 } else { 0 };
//! let root = Root::from_satp(8 << 60 | 0x8020_0000 >> 12)?;
//! let walk = root.walk(memory);
//! assert!(walk.malformed.is_empty());
//! assert_eq!(walk.leaves[0].phys, 0x8000_0000);
//! assert_eq!(rules::check(&walk.leaves), [rules::Violation::LastPageMapped(walk.leaves[0])]);
//! # Ok::<(), landfall_judge::walk::NotPaged>(())
//! ```

#![forbid(unsafe_code)]

mod crash;
pub mod entry;
pub mod extensions;
pub mod image;
pub mod inner;
pub mod instruction;
pub mod intervals;
pub mod landing;
pub mod memory;
pub mod model;
pub mod policy;
pub mod rules;
pub mod slots;
pub mod tables;
pub mod translation_cache;
pub mod tree;
mod unreadable;
pub mod walk;

pub use entry::{Flags, Leaf, Permission};
pub use extensions::{Extensions, MemoryType};
pub use unreadable::Unreadable;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;

//! A model of translation caches that counts: misses, and the entries that page-table walks read.
//!
//! ```text
//! access     accesses with their walks, fences, and the observer that sees them
//! geometry   the description of a part's caches, with the source of each number
//! parts      the parts
//! bank       one cache
//! victim     replacement
//! model      the caches of one hart, and its counts
//! ```
//!
//! Only addresses count here. The model has no time, and no harts that walk ahead of their program.
//! It is no measurement of a part. Each number of a [`Geometry`] names its source, or the reason
//! for which it is assumed.
//!
//! ```
//! use landfall_hart::tlb::{Access, Kind, LeafSize, Model, PARTS, Walk};
//!
//! let part = PARTS.iter().find(|part| part.name == "C910").expect("one of the parts");
//! let mut model = Model::new(part, 0);
//! for gigabyte in [1_u64, 2, 1, 2] {
//!     let walk = Walk::new(&[0x8000_0000 + 8 * gigabyte], LeafSize::G1, true);
//!     model.access(&Access { address: gigabyte << 30, kind: Kind::Load, walk });
//! }
//! // The data cache of the first level has one entry for leaves of 1 GiB.
//! let counts = model.counts();
//! assert_eq!((counts.first_misses, counts.second_misses, counts.walk_reads), (4, 2, 2));
//! ```

mod access;
mod bank;
mod geometry;
mod model;
mod parts;
mod victim;

pub use access::{Access, Fence, Kind, LeafSize, Observer, Walk};
pub use geometry::{BankShape, Fact, Geometry, Holds, Source};
pub use model::{Counts, Model};
pub use parts::PARTS;
pub use victim::Replacement;

#[cfg(test)]
mod tests;

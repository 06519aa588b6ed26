//! Physical memory: sets of it, RAM without obstacles, and the RAM of the machine by its use.
//!
//! ```
//! use landfall_paging::{PhysAddr, PhysRange};
//! use landfall_plan::memory::PhysRangeSet;
//!
//! let mut ram = PhysRangeSet::EMPTY;
//! ram.insert(PhysRange::new(PhysAddr::new(0x8000_0000), 2 << 20))?;
//! // A set keeps ascending ranges that neither overlap nor touch.
//! ram.insert(PhysRange::new(PhysAddr::new(0x8020_0000), 2 << 20))?;
//! assert_eq!(ram.as_slice(), [PhysRange::new(PhysAddr::new(0x8000_0000), 4 << 20)]);
//! # Ok::<(), landfall_plan::memory::RangeSetFull>(())
//! ```

pub use crate::ram::{RamPart, RamParts, RamUse};
pub use crate::ram_ranges::{FreeRanges, RamRanges};
pub use crate::range_set::{MAX_RANGES, PhysRangeSet, RangeSetFull};

//! Physical memory: sets of it, and the RAM of the machine by its use.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use landfall::Landing;
//! use landfall::memory::RamUse;
//!
//! landfall::entry!(main);
//!
//! fn main(landing: &'static Landing) -> ! {
//!     let size_of = |usage: RamUse| -> u64 {
//!         let parts = landing.ram().filter(|part| part.usage == usage);
//!         parts.map(|part| part.range.size()).sum()
//!     };
//!     landfall::println!("{} KiB are free", size_of(RamUse::Free) >> 10);
//!     landfall::println!("{} KiB hold the image", size_of(RamUse::Image) >> 10);
//!     let free: u64 = landing.free_memory().map(|range| range.size()).sum();
//!     assert_eq!(free, size_of(RamUse::Free));
//!     landfall::exit(0)
//! }
//! ```

pub use landfall_plan::memory::{
    FreeRanges, MAX_RANGES, PhysRangeSet, RamPart, RamParts, RamRanges, RamUse, RangeSetFull,
};

//! The plan: the facts about the machine, and every place that was chosen.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use landfall::Landing;
//!
//! landfall::entry!(main);
//!
//! fn main(landing: &'static Landing) -> ! {
//!     let (facts, plan) = (landing.facts(), landing.plan());
//!     // The facts describe the machine. The plan holds each decision.
//!     landfall::println!("{} bytes of RAM", facts.ram.size());
//!     landfall::println!("{}, randomization: {}", plan.mode, plan.kaslr);
//!     assert!(facts.ram.contains(plan.image.phys.all()));
//!     assert!(plan.mode.is_canonical(plan.image.virt));
//!     landfall::exit(0)
//! }
//! ```

pub use landfall_plan::facts::{
    BootOptions, CommandLine, CrashFault, CrashOption, CrashOptionFault, ImageFacts, InitrdFault,
    MemoryTypes, OtherHarts, PlacedImage,
};
pub use landfall_plan::plan::{
    ImagePlace, LinearMap, Movement, Note, OVERFLOW_STACK, PhysicalPlace, PlaceCounts, Region, STACK_GUARD,
    Stacks, StayReason, TreePlace,
};
pub use landfall_plan::randomness::{KaslrState, PlaceCount, Seed, SeedSource};
pub use landfall_plan::refusal::{Limit, Part, Requirement};
pub use landfall_plan::{Facts, Plan, Refusal};

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

pub use landfall_plan::{
    BootOptions, CommandLine, Facts, ImageFacts, ImagePlace, InitrdFault, KaslrState, Limit, LinearMap,
    MemoryTypes, Movement, Note, OVERFLOW_STACK, OtherHarts, Part, PhysicalPlace, PlaceCount, PlaceCounts,
    PlacedImage, Plan, Refusal, Region, Requirement, STACK_GUARD, Seed, SeedSource, Stacks, StayReason,
    TreePlace,
};

//! What address space a kernel gets: a pure function of what the machine is and of what the kernel wants.
//!
//! ```text
//! Facts ---.
//! Policy ---+--> Plan --> mappings, in ascending order
//! Draws ---'
//! ```
//!
//! - [`Facts`]: what was found, mostly in the device tree.
//! - [`Policy`]: what the kernel's author wants; a constant in the kernel.
//! - [`Draws`]: random numbers, if there is entropy and nobody forbids it.
//! - [`Plan`]: the mode, every place and every mapping, and the reasons. It does not depend on which hart boots.
//! - [`Refusal`]: why there can be no landing; it breaks a [`Rule`] of the boot contract.
//!
//! Nothing here allocates, has side effects or contains unsafe code: it runs in the kernel's first microseconds, and
//! the same on a host.

#![no_std]
#![forbid(unsafe_code)]

mod arrange;
mod bytes;
mod command_line;
mod constant;
mod crew;
mod extensions;
mod facts;
mod harts;
mod layout;
mod linear;
mod memory;
mod mode;
mod note;
mod pack;
mod physical;
mod plan;
mod policy;
mod randomness;
mod range;
mod refusal;
mod rule;
mod space;
mod stacks;

pub use bytes::Bytes;
pub use command_line::CommandLine;
pub use constant::UpperConstant;
pub use crew::{Absence, Role, crew};
pub use extensions::{Extension, Extensions};
pub use facts::{Facts, ImageFacts, InitrdFault, MemoryTypes, Options, OtherHarts};
pub use harts::{Hart, Harts, MAX_HARTS, Mmu};
pub use layout::{GUARD, Layout, PLACE_GRAIN, VirtRange};
pub use linear::LinearMap;
pub use memory::Stretches;
pub use mode::ModeLimit;
pub use note::Note;
pub use physical::{Movement, PhysicalPlace, Reason};
pub use plan::{ImagePlace, Places, Plan, TreePlace};
pub use policy::{
    Alias, Disclosure, Impossible, Kaslr, LinearPin, MAX_WINDOWS, Modes, Physical, Placement, Policy,
    PolicyError, Starting, Window,
};
pub use randomness::{Draws, KaslrState, Seed, SeedSource, Whole};
pub use range::{MAX_RANGES, Overflow, Range, RangeSet};
pub use refusal::{Limit, Part, Refusal, Wish};
pub use rule::Rule;
pub use stacks::{OVERFLOW_STACK, STACK_GUARD, Stacks};

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;

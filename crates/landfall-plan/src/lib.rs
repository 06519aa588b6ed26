//! Plans a kernel's address space: a pure function of the machine's facts and the kernel's policy.
//!
//! ```text
//! Facts ---.
//! Policy ---+--> Plan --> mappings, in ascending order
//! Draws ---'
//! ```
//!
//! - [`Facts`]: what was found, mostly in the device tree.
//! - [`Policy`]: what the kernel's author wants; a constant in the kernel.
//! - [`Draws`]: random numbers, if there is entropy and nothing forbids its use.
//! - [`Plan`]: the mode, every place and every mapping, and the reasons. It does not depend on
//!   which hart boots.
//! - [`Refusal`]: the reason against a landing; it breaks a [`Rule`] of the boot contract.
//!
//! Nothing here allocates, has side effects or contains unsafe code: it runs in the kernel's first
//! microseconds, and the same on a host.
//!
//! ```
//! use landfall_paging::{Mode, PhysAddr, PhysRange};
//! use landfall_plan::facts::ImageFacts;
//! use landfall_plan::harts::{Extensions, Hart, Mmu};
//! use landfall_plan::{Facts, Plan, Policy};
//!
//! let mut facts = Facts::UNKNOWN;
//! let ram = PhysRange::new(PhysAddr::new(0x8000_0000), 1 << 30);
//! facts.ram.insert(ram).expect("room for a range");
//! facts.image = ImageFacts { text: 0x8000, constants: 0x8000, early: 0x8000, data: 0x8000 };
//! facts.loaded = PhysAddr::new(0x8020_0000);
//! facts.tree = PhysRange::new(PhysAddr::new(0x8800_0000), 0x1000);
//! facts.harts.push(Hart { id: 0, mmu: Mmu::Upto(Mode::Sv48), extensions: Extensions::NONE });
//!
//! // Without random numbers the lowest places are taken.
//! let plan = Plan::new(&facts, &Policy::new(), Mode::Sv48, None)?;
//! assert_eq!(plan.image.phys.base, facts.loaded);
//! assert!(plan.mappings(&facts).all(|mapping| Mode::Sv48.is_canonical(mapping.virt)));
//! # Ok::<(), landfall_plan::Refusal>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]

mod arrange;
mod bytes;
mod command_line;
mod constant;
mod crash;
mod crash_option;
mod extensions;
pub mod facts;
pub mod harts;
mod layout;
mod linear;
pub mod memory;
mod mode;
mod pack;
mod physical;
pub mod plan;
pub mod policy;
mod ram;
mod ram_ranges;
pub mod randomness;
mod range_set;
pub mod refusal;
mod roles;
mod rule;
pub mod sites;
mod space;
mod stacks;

pub use facts::Facts;
pub use plan::Plan;
pub use policy::Policy;
pub use randomness::Draws;
pub use refusal::Refusal;
pub use rule::Rule;

/// The parts of the planner that the landing and the tools use: those that probe, patch, predict
/// and draw. Kernels need none of them.
///
/// ```
/// use landfall_paging::Mode;
/// use landfall_plan::planner::{Bytes, Layout, UpperConstant};
///
/// let layout = Layout::new(Mode::Sv39, None);
/// assert_eq!(layout.linear_zone.start(), Mode::Sv39.upper_half());
/// assert_eq!(Bytes(layout.reach).to_string(), "128 GiB");
///
/// // Two instructions make the offset of the linear map, so a conversion loads nothing.
/// assert!(UpperConstant::new(layout.linear_zone.start().get()).is_some());
/// assert!(UpperConstant::new(0x1234_5678_9abc_def0).is_none());
/// ```
pub mod planner {
    pub use crate::bytes::Bytes;
    pub use crate::constant::UpperConstant;
    pub use crate::layout::{GUARD, Layout, PLACE_GRAIN};
    pub use crate::mode::ModeLimit;
    pub use crate::roles::{Role, hart_roles};
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;

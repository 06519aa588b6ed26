//! The choices of a [`Policy`](crate::Policy).
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use landfall::paging::Mode;
//! use landfall::policy::{Kaslr, LinearPin, Modes};
//! use landfall::{Landing, Policy};
//!
//! const POLICY: Policy = Policy::new()
//!     .with_modes(Mode::Sv39..=Mode::Sv48)
//!     .with_stack_size(128 << 10)
//!     .with_linear_pin(Modes::Only(Mode::Sv39), LinearPin::Offset(0xffff_ffc0_0000_0000));
//!
//! landfall::entry!(main, policy = &POLICY);
//!
//! fn main(landing: &'static Landing) -> ! {
//!     assert!(landing.policy().modes().contains(&landing.mode()));
//!     assert_eq!(landing.policy().kaslr(), Kaslr::Enabled);
//!     landfall::exit(0)
//! }
//! ```

pub use landfall_plan::policy::{
    Alias, Disclosure, Impossible, Kaslr, LinearPin, MAX_WINDOWS, Modes, PhysicalPlacement, Placement,
    PolicyError, Starting, TablePlacement, Window,
};

//! A foreign kernel behind a landing: the rules for its ELF, its places, and its loading.
//!
//! The *wrapper* is a landfall kernel, the *inner kernel* the ELF that it starts. The inner kernel
//! is untrusted bytes: [`Inner::read`] checks everything that the file alone decides. The command
//! calls it at build time, the wrapper at boot.
//!
//! ```text
//! rule         the numbers of the rules
//! refusal      a broken rule, with the value found
//! header       the ELF header
//! parts        the segments that take memory
//! dynamic      the dynamic section: which relocation tables there are
//! relocations  the slots, and their values
//! inner        all of that, in order
//! load         the kernel in memory, at its place
//! window       the addresses of movable kernels
//! draws        random numbers for the places
//! place        the places
//! policy       the demands on a wrapper's policy
//! ```

#![no_std]
#![forbid(unsafe_code)]

mod draws;
mod dynamic;
mod header;
mod inner;
mod load;
mod parts;
mod place;
mod policy;
mod refusal;
mod relocations;
mod rule;
mod window;

pub use draws::InnerDraws;
pub use header::Kind;
pub use inner::{Inner, Segment};
pub use parts::MAX_SEGMENTS;
pub use place::{PhysicalPlace, Places, VirtualPlace, free_memory};
pub use policy::{LEAST_STACK, PolicyFault, check_policy};
pub use refusal::Refusal;
pub use rule::Rule;
pub use window::{LAST, WINDOW};

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;

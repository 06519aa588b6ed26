//! Random bytes for the kernel.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use landfall::Landing;
//! use landfall::entropy::KernelEntropy;
//!
//! landfall::entry!(main);
//!
//! fn main(landing: &'static Landing) -> ! {
//!     let bits = landing.take_entropy().as_ref().map_or(0, KernelEntropy::bits);
//!     landfall::println!("{bits} bits of entropy for a generator");
//!     // The same bytes must not seed two generators.
//!     assert!(landing.take_entropy().is_none());
//!     landfall::exit(0)
//! }
//! ```

pub use crate::machine::KernelEntropy;
pub use landfall_tree::{NextSeed, SeedSecret};

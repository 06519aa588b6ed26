//! The device tree: from untrusted bytes to [`Facts`](landfall_plan::Facts).
//!
//! [`Tree::read`] screens the bytes and reads what the landing needs, in one walk. [`Tree::new`]
//! screens alone. [`Seeds`] takes the entropy out of a tree. [`tokens`] copies and writes trees.
//!
//! Nothing here allocates, panics on input, or contains unsafe code: it runs in the kernel's first
//! microseconds, and the same on a host.
//!
//! ```
//! use landfall_plan::{Facts, Rule};
//! use landfall_tree::Tree;
//!
//! // The bytes may be hostile: an error names the rule that they break.
//! let mut tree = vec![0xff; 64];
//! let refusal = Tree::new(&tree).expect_err("no device tree");
//! assert_eq!(refusal.rule(), Rule::BadTree);
//!
//! // An empty root: a header, no reservations, and the tokens of one node.
//! let header = [0xd00d_feed, 72, 56, 72, 40, 17, 16, 0, 0, 16];
//! let words = header.into_iter().chain([0; 4]).chain([1, 0, 2, 9]);
//! tree = words.flat_map(u32::to_be_bytes).collect();
//! let mut facts = Facts::UNKNOWN;
//! let found = Tree::read(&tree, &mut facts)?;
//! assert!(facts.ram.is_empty() && !found.lists_boot_hart);
//! # Ok::<(), landfall_plan::Refusal>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]

mod blocks;
mod cells;
mod chacha;
mod chosen;
mod cpus;
mod entropy;
mod features;
mod isa;
mod memory;
mod name;
mod next_seed;
mod read;
mod reader;
mod seeds;
mod text;
mod token;
pub mod tokens;
mod tree;
mod walk;

pub use entropy::Entropy;
pub use features::HartFeatures;
pub use next_seed::{NextSeed, SeedSecret};
pub use reader::TreeContents;
pub use seeds::{MAX_SEEDS, Seeds};
pub use tree::Tree;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;

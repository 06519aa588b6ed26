//! The device tree's reader.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use landfall::Landing;
//! use landfall::plan::Facts;
//! use landfall::tree::Tree;
//!
//! landfall::entry!(main);
//!
//! fn main(landing: &'static Landing) -> ! {
//!     let mut facts = Facts::UNKNOWN;
//!     if let Err(refusal) = Tree::read(landing.tree(), &mut facts) {
//!         panic!("the kernel has landed with a tree that breaks {refusal}");
//!     }
//!     assert_eq!(facts.ram, landing.facts().ram);
//!     assert_eq!(facts.harts.len(), landing.facts().harts.len());
//!     landfall::exit(0)
//! }
//! ```

pub use landfall_tree::{Entropy, HartFeatures, MAX_SEEDS, Seeds, Tree, TreeContents, tokens};

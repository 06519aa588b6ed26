//! A second reader of device trees, and its comparison with that of `landfall-tree`.
//!
//! Here a screen reads every byte first, then the crate `dtoolkit` walks the nodes. The two readers
//! share no code but the types of the facts. Both fill [`Facts`], so facts and refusals are
//! compared as they are.

#![forbid(unsafe_code)]

mod cells;
mod chosen;
mod compare;
mod cpus;
mod device_type;
mod features;
mod found;
mod isa;
mod model;
mod mutate;
mod read;
mod samples;
mod text;
mod validate;

use std::borrow::Cow;

use landfall_plan::{Facts, Refusal};

pub use compare::{Verdict, compare};
pub use found::{Seed, TreeContents};
pub use mutate::Mutator;
pub use samples::samples;

/// Reads a tree into `facts`, which know the tree's place and the boot hart already.
///
/// # Errors
/// Rules 6 and 7, as `landfall_tree::Tree::read` has them.
pub fn read(bytes: &[u8], facts: &mut Facts) -> Result<TreeContents, Refusal> {
    validate::Tree::new(bytes)?;
    validate::Tree { bytes: &from_the_root(bytes) }.read(facts)
}

/// Returns a sound tree with a structure block that begins with its root: `dtoolkit` takes no `NOP`
/// before it. All bytes stay at their offsets.
fn from_the_root(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut tree = Cow::Borrowed(bytes);
    let word = |tree: &[u8], at: usize| u32::from_be_bytes(*tree[at..].first_chunk().expect("a header"));
    while word(&tree, word(&tree, 8) as usize) == validate::NOP {
        let (at, size) = (word(&tree, 8) + 4, word(&tree, 36) - 4);
        tree.to_mut()[8..12].copy_from_slice(&at.to_be_bytes());
        tree.to_mut()[36..40].copy_from_slice(&size.to_be_bytes());
    }
    tree
}

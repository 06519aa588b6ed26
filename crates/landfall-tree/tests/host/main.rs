//! The device tree's reader and writer: what they take, what they refuse, and that nothing makes
//! them panic.

mod chacha;
mod harts;
mod hostile;
mod names;
mod nodes;
mod read;
mod screen;
mod seeds;
mod tokens;
mod writer;

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::{Facts, Refusal};
use landfall_tree::{Tree, TreeContents};

/// The folder of the trees.
const PLACE: u64 = 0x8800_0000;

fn read(bytes: &[u8]) -> Result<(Facts, TreeContents), Refusal> {
    let mut facts = Facts::UNKNOWN;
    facts.tree = PhysRange::new(PhysAddr::new(PLACE), bytes.len() as u64);
    let found = Tree::read(bytes, &mut facts)?;
    Ok((facts, found))
}

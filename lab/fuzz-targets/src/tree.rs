//! Device trees: whatever the screen lets through is read, and its seeds taken, without panic, and
//! is still sound afterwards.

use landfall::address::{PhysAddr, PhysRange};
use landfall::plan::Facts;
use landfall::tree::Tree;

/// Reads the input as a device tree, and takes its seeds.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    let mut bytes = bytes.to_vec();
    let mut facts = Facts::UNKNOWN;
    facts.tree = PhysRange::new(PhysAddr::new(0x8800_0000), bytes.len() as u64);
    let Ok(found) = Tree::read(&bytes, &mut facts) else { return };
    let had_seeds = !found.seeds.is_empty();
    let _ = found.seeds.take(&mut bytes, &mut facts, &[]);
    if had_seeds {
        let mut facts = Facts::UNKNOWN;
        let again = Tree::read(&bytes, &mut facts);
        assert!(again.is_ok(), "taking the seeds damaged the tree");
    }
}

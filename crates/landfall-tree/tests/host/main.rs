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
mod words;
mod writer;

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::{Facts, Refusal};
use landfall_tree::{Tree, TreeContents};

/// The folder of the trees.
const PLACE: u64 = 0x8800_0000;

/// Reads a tree at each address modulo 8: words at a multiple of 4 are read as such, and others
/// byte by byte.
fn read(bytes: &[u8]) -> Result<(Facts, TreeContents), Refusal> {
    let found = read_at(bytes, 0);
    let expected = format!("{found:?}");
    for offset in 1..8 {
        assert_eq!(format!("{:?}", read_at(bytes, offset)), expected, "at offset {offset}");
    }
    found
}

/// Reads a tree that lies `offset` bytes behind a multiple of 8.
fn read_at(bytes: &[u8], offset: usize) -> Result<(Facts, TreeContents), Refusal> {
    let mut memory = vec![0; bytes.len() + 16];
    let place = memory.as_ptr().align_offset(8) + offset;
    memory[place..][..bytes.len()].copy_from_slice(bytes);
    let mut facts = Facts::UNKNOWN;
    facts.tree = PhysRange::new(PhysAddr::new(PLACE), bytes.len() as u64);
    let found = Tree::read(&memory[place..][..bytes.len()], &mut facts)?;
    Ok((facts, found))
}

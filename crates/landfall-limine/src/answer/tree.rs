//! The device tree without its nodes of memory: a kernel reads the memory map instead.

use landfall_paging::VirtAddr;
use landfall_tree::Tree;
use landfall_tree::tokens::{Token, Tokens, TreeWriter, WriteError};

use crate::room::Room;

/// Writes the tree and the response. `None` if a property of the tree has no readable name.
pub(super) fn respond(tree: Tree<'_>, boot_hart: u64, room: &mut Room<'_>) -> Option<VirtAddr> {
    let copy = room.fill(|into| match copy(tree, boot_hart, into) {
        Ok(size) | Err(WriteError::TooSmall { wanted: size }) => Some(size),
        Err(WriteError::UnlistedName) => None,
    })?;
    Some(room.words([0, copy.get()]))
}

/// Copies the tree, and returns its size in bytes.
fn copy(tree: Tree<'_>, boot_hart: u64, into: &mut [u8]) -> Result<usize, WriteError> {
    let mut tokens = Tokens::of(tree);
    let mut out = TreeWriter::new(into, tokens.strings(), &[], Tokens::reservations(tree));
    let mut depth = 0_u32;
    while let Some(token) = tokens.next() {
        match token {
            Token::Begin { name } if depth == 1 && is_memory(name) => {
                tokens.skip_node();
                continue;
            }
            Token::Begin { .. } => depth += 1,
            Token::End => depth = depth.saturating_sub(1),
            Token::Property { .. } => {}
        }
        out.copy(token);
    }
    out.finish(u32::try_from(boot_hart).unwrap_or_default())
}

/// Returns true for `memory`, with a unit address or without one.
fn is_memory(name: &str) -> bool {
    name.split('@').next() == Some("memory")
}

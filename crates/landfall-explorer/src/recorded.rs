//! Facts of a kernel and of boards that were recorded, so that a page without any file can plan.
//!
//! A board's tree here has the nodes and properties that a kernel's landing reads, and no others.
//! It is as long as the original, because its place depends on that. The build tool records them.
//!
//! ```
//! let board = landfall_explorer::recorded::board("visionfive-2").expect("a recorded board");
//! assert!(board.tree().starts_with(&[0xd0, 0x0d, 0xfe, 0xed]));
//! ```

use serde::Deserialize;

use crate::base64::Bytes;
use crate::request::Saved;

/// The origin of the boards' trees.
pub const SOURCE: &str = "Linux 7.2";

/// A board whose facts are recorded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// A name that stays.
    pub name: String,
    /// The name for people.
    pub title: String,
    /// The name of the tree's file.
    pub file: String,
    /// Bytes of the original tree.
    size: u32,
    /// A usual value of `--memory`, for a tree that states no RAM.
    pub suggested_memory: Vec<String>,
    tree: Bytes,
}

impl Recorded {
    /// Returns the tree, with zeros behind it up to the size of the original.
    #[must_use]
    pub fn tree(&self) -> Vec<u8> {
        let mut tree = self.tree.0.clone();
        tree.resize(tree.len().max(self.size as usize), 0);
        if let Some(total) = tree.get_mut(4..8) {
            total.copy_from_slice(&self.size.to_be_bytes());
        }
        tree
    }
}

/// Returns the recorded kernel.
///
/// # Panics
/// If the recorded file is invalid, which would be a defect of this crate.
#[must_use]
pub fn kernel() -> Saved {
    serde_json::from_str(include_str!("../recorded/kernel.json")).expect("the recorded kernel is valid")
}

/// Returns all recorded boards.
///
/// # Panics
/// If the recorded file is invalid, which would be a defect of this crate.
#[must_use]
pub fn boards() -> Vec<Recorded> {
    serde_json::from_str(include_str!("../recorded/boards.json")).expect("the recorded boards are valid")
}

/// Returns the board of this name.
#[must_use]
pub fn board(name: &str) -> Option<Recorded> {
    boards().into_iter().find(|board| board.name == name)
}

//! The checksum of memory that the copier compares.

use landfall_image::seal::{START, mix};

/// Returns the checksum of memory in whole words: that of a landfall image's
/// [seal](landfall_image::seal).
///
/// It shows damage within any one word for certain, and guards against accidents alone.
#[must_use]
pub fn sum(words: impl IntoIterator<Item = u64>) -> u64 {
    words.into_iter().fold(START, mix)
}

//! The delimiters, the base revision tag and the requests in a loaded kernel.

use crate::feature::{COMMON, Feature, OPERANDS, REVISION};
use crate::refusal::Refusal;
use crate::words::{WORD, begins_with, word};

const START: [u64; 4] =
    [0xf6b8_f4b3_9de7_d1ae, 0xfab9_1a69_40fc_b9cf, 0x785c_6ed0_15d3_e316, 0x181e_920a_7852_b9d9];
const END: [u64; 2] = [0xadc0_e053_1bb1_0d03, 0x9572_709f_3176_4c62];
/// The words before the number of a base revision tag.
pub(crate) const TAG: [u64; 2] = [0xf956_2b2d_5c95_a6c8, 0x6a7b_3849_4453_6bdc];

/// The offsets of all that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The base revision tag.
    pub(crate) tag: Option<usize>,
    /// The request of each feature.
    pub(crate) places: [Option<usize>; Feature::COUNT],
}

/// Finds the tag and the requests. Time is linear in the size of the image.
///
/// # Errors
/// Contradictory delimiters, a second tag, a second request for a feature, and a request that
/// reaches beyond the image.
pub(crate) fn scan(image: &[u8]) -> Result<Found, Refusal> {
    let mut found = Found { tag: None, places: [None; Feature::COUNT] };
    for at in delimited(image)?.step_by(WORD) {
        if begins_with(image, at, &TAG) {
            if let Some(first) = found.tag.replace(at) {
                return Err(Refusal::SecondTag { first, second: at });
            }
            word(image, at + 2 * WORD).ok_or(Refusal::CutTag { at })?;
        } else if let Some(feature) = feature(image, at) {
            if let Some(first) = found.places[feature as usize].replace(at) {
                return Err(Refusal::SecondRequest { feature, first, second: at });
            }
            let cut = Refusal::CutRequest { feature, at };
            let revision = word(image, at + REVISION).ok_or(cut)?;
            let operands = feature.operands(revision.min(feature.highest_revision()));
            if at + OPERANDS + operands * WORD > image.len() {
                return Err(cut);
            }
        }
    }
    Ok(found)
}

/// Returns the offsets between the last start marker and the first end marker, which are those of
/// the whole image without markers.
fn delimited(image: &[u8]) -> Result<core::ops::Range<usize>, Refusal> {
    let offsets = || (0..image.len()).step_by(WORD);
    let start = offsets().rfind(|at| begins_with(image, *at, &START));
    let end = offsets().find(|at| begins_with(image, *at, &END));
    match (start, end) {
        (Some(start), Some(end)) if end < start => Err(Refusal::Delimiters { start, end }),
        (start, end) => Ok(start.map_or(0, |at| at + START.len() * WORD)..end.unwrap_or(image.len())),
    }
}

/// Returns the feature whose request begins at an offset.
fn feature(image: &[u8], at: usize) -> Option<Feature> {
    if !begins_with(image, at, &COMMON) {
        return None;
    }
    Feature::of_id([word(image, at + 2 * WORD)?, word(image, at + 3 * WORD)?])
}

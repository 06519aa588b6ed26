//! The inner kernel of a wrapper: the places that it gets.
//!
//! ```
//! use landfall_predict::inner::InnerImage;
//!
//! // Most kernels wrap no other.
//! assert_eq!(InnerImage::of_image(b"a flat image without a record"), None);
//! ```

use landfall_image::inner::{InnerRecord, Replacement};
use landfall_paging::VirtAddr;
use landfall_plan::{Facts, Plan};
use landfall_tree::Entropy;
use landfall_wrap::{Inner, InnerDraws, Places, Rule};

/// The record of an inner kernel, as it is in a wrapper's image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InnerImage(Vec<u8>);

/// The start of an inner kernel, or the reason against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InnerPrediction {
    /// It starts.
    Starts(InnerStart),
    /// The wrapper refuses it.
    Refused {
        /// The broken rule.
        rule: Rule,
        /// The fact, its cause and help.
        message: String,
    },
    /// An initrd may replace it.
    Replaced,
}

/// The places of an inner kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InnerStart {
    /// The places.
    pub places: Places,
    /// The address of its first instruction.
    pub entry: VirtAddr,
}

impl InnerImage {
    /// Returns the record in a flat image, up to the image's end; `None` if the image is no
    /// wrapper.
    #[must_use]
    pub fn of_image(image: &[u8]) -> Option<Self> {
        let rest = image.get(InnerRecord::find(image)?..)?;
        let bytes = InnerRecord::read(rest).map_or(rest, |record| record.bytes());
        Some(Self(bytes.to_vec()))
    }

    /// Predicts the places behind a landing with this plan and this entropy.
    #[must_use]
    pub fn predict(&self, plan: &Plan, facts: &Facts, entropy: Option<&Entropy>) -> InnerPrediction {
        let record = match InnerRecord::read(&self.0) {
            Ok(record) => record,
            Err(error) => {
                return InnerPrediction::Refused { rule: Rule::Record, message: error.to_string() };
            }
        };
        let options = record.options();
        if options.replacement == Replacement::ByInitrd && facts.initrd.is_some() {
            return InnerPrediction::Replaced;
        }
        let bytes = entropy.and_then(Entropy::kernel).map(|words| words.map(u64::to_le_bytes));
        let draws = bytes.and_then(|bytes| bytes.as_flattened().first_chunk().map(InnerDraws::new));
        let start = Inner::read(record.kernel()).and_then(|inner| {
            let places = inner.places(plan, facts, options.physical, draws.as_ref())?;
            let moved = places.virt.start.wrapping_offset_from(inner.span().start());
            Ok(InnerStart { places, entry: inner.entry().wrapping_add(moved) })
        });
        match start {
            Ok(start) => InnerPrediction::Starts(start),
            Err(refusal) => InnerPrediction::Refused { rule: refusal.rule(), message: refusal.to_string() },
        }
    }
}

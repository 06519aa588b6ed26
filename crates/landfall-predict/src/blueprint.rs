//! The facts in a kernel's file that a plan depends on: its parts, its policy, its slots.
//!
//! ```
//! use landfall_predict::blueprint::Blueprint;
//!
//! let error = Blueprint::of_image(b"\x7fELF").expect_err("an ELF is no flat image");
//! println!("{error}");
//! ```

use landfall_image::feature::Features;
use landfall_image::record::{Parts, Record, RecordError};
use landfall_image::relr;
use landfall_image::seal::{self, SealError};
use landfall_paging::PhysAddr;
use landfall_plan::Policy;
use landfall_plan::facts::{ImageFacts, PlacedImage};
use landfall_plan::policy::{PolicyError, PolicyReadError};
use thiserror::Error;

use crate::inner::InnerImage;

/// Why a file cannot be planned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BlueprintError {
    /// The image has no record, or one that does not state its parts.
    #[error("{0}")]
    Record(RecordError),
    /// The image has a policy of a later version, which its own kernel may well know.
    #[error("{0}")]
    Policy(PolicyReadError),
}

/// The facts of a kernel's image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blueprint {
    /// The features of landfall that it is built without.
    pub missing: Features,
    /// Its parts, in memory.
    pub parts: Parts,
    /// Its policy.
    pub policy: Result<Policy, PolicyError>,
    /// The number of slots that `rebase` adjusts.
    pub slots: u64,
    /// True if its seal is valid.
    pub seal: Result<(), SealError>,
    /// The inner kernel, if it is a wrapper.
    pub inner: Option<InnerImage>,
}

impl Blueprint {
    /// Reads a flat image.
    ///
    /// # Errors
    /// [`BlueprintError`] if it is not an image that this version can plan for.
    pub fn of_image(image: &[u8]) -> Result<Self, BlueprintError> {
        let record = Record::read(image).map_err(BlueprintError::Record)?;
        let parts = record.parts(image).map_err(BlueprintError::Record)?;
        let policy = match Policy::read(record.policy.of(image).unwrap_or_default()) {
            Ok(policy) => Ok(policy),
            Err(error @ PolicyReadError::Newer { .. }) => return Err(BlueprintError::Policy(error)),
            Err(PolicyReadError::Invalid(error)) => Err(error),
            Err(_) => Err(PolicyError::Version { found: 0 }),
        };
        let relr = record.relr.of(image).unwrap_or_default();
        let words = relr.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
        Ok(Self {
            missing: record.missing,
            parts,
            policy,
            slots: relr::count(words),
            seal: seal::verify(image),
            inner: InnerImage::of_image(image),
        })
    }

    /// Returns the facts about the image where it lies at `base`.
    #[must_use]
    pub const fn at(&self, base: PhysAddr) -> PlacedImage {
        let Parts { text, constants, early, data } = self.parts;
        ImageFacts { text, constants, early, data }.at(base)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::sample::{PARTS, SLOTS, sealed};

    /// Returns the facts of an image for tests.
    pub(crate) fn blueprint(policy: &Policy) -> Blueprint {
        Blueprint::of_image(&sealed(policy)).expect("a sound image")
    }

    #[test]
    fn an_image_has_its_parts_policy_and_slots() {
        let policy = Policy::new().with_stack_size(8 << 10);
        let blueprint = blueprint(&policy);
        assert_eq!(blueprint.parts, PARTS);
        assert_eq!((blueprint.policy, blueprint.slots, blueprint.seal), (Ok(policy), SLOTS, Ok(())));
    }

    #[test]
    fn a_damaged_image_differs_from_none() {
        let mut image = sealed(&Policy::new());
        image[0xf010] ^= 1;
        let blueprint = Blueprint::of_image(&image).expect("the record is whole");
        assert!(blueprint.seal.is_err() && blueprint.policy.is_err());
        image[0x40] = 0;
        assert!(Blueprint::of_image(&image).is_err());
    }
}

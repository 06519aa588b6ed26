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
use landfall_plan::{ImageFacts, PlacedImage, Policy, PolicyError, PolicyReadError};
use thiserror::Error;

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
        })
    }

    /// Returns the facts about the image where it lies at `base`.
    #[must_use]
    pub const fn at(&self, base: PhysAddr) -> PlacedImage {
        let Parts { text, constants, early, data } = self.parts;
        ImageFacts { text, constants, early, data }.at(base)
    }
}

/// Images for tests.
#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns a sealed image of 128 KiB with 65 slots. It has 48 KiB of code, 16 KiB of constants,
    /// 28 KiB for the landing and 36 KiB of data.
    pub(crate) fn image(policy: &Policy) -> Vec<u8> {
        let mut image = vec![0; 0x1a000];
        let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
        put(0x08, &0x20_0000_u64.to_le_bytes());
        put(0x10, &0x2_0000_u64.to_le_bytes());
        put(0x20, &2_u32.to_le_bytes());
        put(0x30, b"RISCV\0\0\0RSC\x05");
        put(0x40, b"LANDFALL");
        put(0x50, b"unsealed");
        let record = policy.record();
        let tables = [0xf000_u32, 0x100, 0xf0f0, 0x10, 0xf000, 0xf0];
        put(0x48, [2_u32, 0x1a000].map(u32::to_le_bytes).as_flattened());
        put(0x60, tables.map(u32::to_le_bytes).as_flattened());
        put(0x78, [0xc000_u32, 0x7000].map(u32::to_le_bytes).as_flattened());
        put(0xf000, &record);
        put(0xf0f0, [0xffff_ffff_8001_7000_u64, u64::MAX].map(u64::to_le_bytes).as_flattened());
        seal::seal(&mut image).expect("a sound image");
        image
    }

    /// Returns the facts of that image.
    pub(crate) fn blueprint(policy: &Policy) -> Blueprint {
        Blueprint::of_image(&image(policy)).expect("a sound image")
    }

    #[test]
    fn an_image_tells_its_parts_policy_and_slots() {
        let policy = Policy::new().with_stack_size(8 << 10);
        let blueprint = blueprint(&policy);
        assert_eq!(blueprint.parts, Parts { text: 0xc000, constants: 0x4000, early: 0x7000, data: 0x9000 });
        assert_eq!((blueprint.policy, blueprint.slots, blueprint.seal), (Ok(policy), 64, Ok(())));
    }

    #[test]
    fn a_damaged_image_is_told_from_none() {
        let mut image = image(&Policy::new());
        image[0xf010] ^= 1;
        let blueprint = Blueprint::of_image(&image).expect("the record is whole");
        assert!(blueprint.seal.is_err() && blueprint.policy.is_err());
        image[0x40] = 0;
        assert!(Blueprint::of_image(&image).is_err());
    }
}

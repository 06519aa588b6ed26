//! Another policy in a kernel that is linked: the record is written anew, and the image sealed
//! again.

use landfall_image::feature::Feature;
use landfall_image::inner::InnerRecord;
use landfall_image::record::{Record, RecordError};
use landfall_image::seal::{self, SealError};
use landfall_plan::Policy;
use landfall_plan::policy::{PhysicalPlacement, PolicyError};
use landfall_plan::refusal::MissingFeature;
use landfall_wrap::{PolicyFault, check_policy};
use object::LittleEndian;
use object::read::elf::ElfFile64;
use thiserror::Error;

use landfall_inspect::flat::{self, FlatError};
use landfall_predict::policy::{Change, ChangeError};

/// Why an image cannot have another policy.
#[derive(Debug, Error)]
pub enum ChangeImageError {
    /// The setting itself is invalid.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The image has no record.
    #[error("{0}")]
    Record(RecordError),
    /// The policy in the image is not supported.
    #[error("cannot change the policy in the image: {0}")]
    Policy(PolicyError),
    /// The policy needs what the kernel is built without.
    #[error("{0}")]
    CompiledOut(MissingFeature),
    /// The image is a wrapper, and no wrapper can run with the policy.
    #[error(transparent)]
    Wrapper(#[from] PolicyFault),
    /// The image cannot be sealed.
    #[error("{0}")]
    Seal(SealError),
    /// The ELF has no image.
    #[error(transparent)]
    Flat(#[from] FlatError),
    /// The file is not an ELF.
    #[error("the file is not a valid 64-bit little-endian ELF: {0}")]
    Elf(#[from] object::Error),
}

/// Changes the policy of a flat image, and returns the new one.
///
/// # Errors
/// Returns [`ChangeImageError`] if the image has no policy, or no machine could fulfill the new
/// one.
pub fn change_flat(image: &mut [u8], changes: &[Change]) -> Result<Policy, ChangeImageError> {
    let record = Record::read(image).map_err(ChangeImageError::Record)?;
    seal::verify(image).map_err(ChangeImageError::Seal)?;
    let no_policy = ChangeImageError::Policy(PolicyError::Version { found: 0 });
    let start = usize::try_from(record.policy.offset).unwrap_or(usize::MAX);
    let place = image.get(start..).and_then(<[u8]>::first_chunk).ok_or(no_policy)?;
    let policy = Policy::from_record(place).map_err(ChangeImageError::Policy)?;
    let policy = Change::all(changes, policy)?;
    if record.missing.contains(Feature::Relocate) && policy.physical_placement() != PhysicalPlacement::Stay {
        return Err(ChangeImageError::CompiledOut(MissingFeature::Relocate));
    }
    let new = policy.record();
    if InnerRecord::find(image).is_some() {
        check_policy(&policy)?;
    }
    image[start..][..new.len()].copy_from_slice(&new);
    seal::seal(image).map_err(ChangeImageError::Seal)?;
    Ok(policy)
}

/// Changes the policy of a kernel's ELF, and returns the new one.
///
/// # Errors
/// As [`change_flat`].
pub fn change_elf(bytes: &mut [u8], changes: &[Change]) -> Result<Policy, ChangeImageError> {
    let elf = ElfFile64::<LittleEndian>::parse(&*bytes)?;
    let mut flat = flat::flatten(&elf)?;
    flat.fit_to_record()?;
    let record = Record::read(&flat.bytes).map_err(ChangeImageError::Record)?;
    let new_policy = change_flat(&mut flat.bytes, changes)?;
    let start = usize::try_from(record.policy.offset).unwrap_or(usize::MAX);
    let policy = flat.place_in_elf(&elf, start, Policy::RECORD_SIZE)?;
    let seal = flat.seal_in_elf(&elf)?;
    let new = flat.bytes.get(start..).and_then(|rest| rest.get(..Policy::RECORD_SIZE)).unwrap_or_default();
    bytes[policy].copy_from_slice(new);
    bytes[seal].copy_from_slice(flat.seal());
    Ok(new_policy)
}

#[cfg(test)]
mod tests {
    use landfall_image::feature::Features;
    use landfall_image::record::{VERSION_OFFSET, version_word};

    use super::*;
    use crate::place::elf::wrap;
    use landfall_predict::blueprint::Blueprint;
    use landfall_predict::sample::sealed;
    use landfall_predict::units::Address;

    #[test]
    fn the_new_policy_is_sealed_in_image_and_elf() {
        let changes = ["kaslr=off", "stack=8K"].map(|word| word.parse().expect("a change"));
        let mut flat = sealed(&Policy::new());
        let mut elf = wrap(&flat, Address(0x8020_0000));
        change_flat(&mut flat, &changes).expect("a sound image");
        change_elf(&mut elf, &changes).expect("a sound ELF");
        assert!(elf.ends_with(&flat), "the ELF's only segment is the image");
        let blueprint = Blueprint::of_image(&flat).expect("a sound image");
        assert_eq!(blueprint.seal, Ok(()));
        let expected =
            Policy::new().with_kaslr(landfall_plan::policy::Kaslr::Disabled).with_stack_size(8 << 10);
        assert_eq!(blueprint.policy, Ok(expected));
    }

    #[test]
    fn a_policy_that_needs_what_is_compiled_out_is_refused_by_name() {
        let word = version_word(Features::NONE.with(Feature::Relocate));
        let mut flat = sealed(&Policy::new());
        flat[VERSION_OFFSET..][..4].copy_from_slice(&word.to_le_bytes());
        seal::seal(&mut flat).expect("a sound image");
        let before = flat.clone();
        for place in ["pack", "random"] {
            let changes = [format!("physical={place}").parse().expect("a change")];
            let error = change_flat(&mut flat, &changes).expect_err("it cannot move");
            assert!(error.to_string().contains(Feature::Relocate.name()), "{error}");
            assert_eq!(flat, before, "{place}");
        }
        change_flat(&mut flat, &["physical=stay".parse().expect("a change")]).expect("it stays");
    }

    #[test]
    fn a_feature_has_one_name_in_a_refusal_and_in_the_record() {
        for (missing, feature) in
            [(MissingFeature::Relocate, Feature::Relocate), (MissingFeature::Acpi, Feature::Acpi)]
        {
            assert_eq!(missing.name(), feature.name());
        }
    }

    #[test]
    fn a_damaged_image_stays_as_it_is() {
        let mut flat = sealed(&Policy::new());
        flat[0xf010] ^= 1;
        let before = flat.clone();
        assert!(matches!(change_flat(&mut flat, &[]), Err(ChangeImageError::Seal(_))));
        assert_eq!(flat, before);
    }
}

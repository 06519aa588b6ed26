//! The parts of landfall that a kernel may be built without.
//!
//! The crate `landfall` has a Cargo feature of the same name for each. All are on by default.
//! The [record](crate::record) lists those that were compiled out, so that tools refuse by name
//! what such a kernel cannot do.
//!
//! ```
//! use landfall_image::feature::{Feature, Features};
//!
//! let missing = Features::NONE.with(Feature::Acpi);
//! for feature in missing.iter() {
//!     println!("built without `{feature}`: {}", feature.loss());
//! }
//! // An unknown bit is refused. It stands for a feature of a later version.
//! assert_eq!(Features::from_bits(1 << 15), None);
//! ```

use core::fmt;

/// A part of the crate `landfall` that a Cargo feature turns off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feature {
    /// The loader for EFI firmware, and the PE header by which firmware starts it.
    Efi = 0,
    /// The conversion of ACPI's tables, where EFI firmware has no device tree.
    Acpi = 1,
    /// The landing report.
    Report = 2,
    /// The move of the image to another place in physical memory.
    Relocate = 3,
}

impl Feature {
    /// Every feature, by its bit in the record.
    pub const ALL: &'static [Self] = &[Self::Efi, Self::Acpi, Self::Report, Self::Relocate];

    /// Returns the name of the Cargo feature.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Efi => "efi",
            Self::Acpi => "acpi",
            Self::Report => "report",
            Self::Relocate => "relocate",
        }
    }

    /// Returns what a kernel cannot do without it, as a sentence without a period.
    #[must_use]
    pub const fn loss(self) -> &'static str {
        match self {
            Self::Efi => "UEFI firmware does not start the kernel",
            Self::Acpi => "the kernel refuses a machine that UEFI firmware describes by ACPI's tables alone",
            Self::Report => "the kernel prints no landing report",
            Self::Relocate => "no policy moves the kernel in physical memory",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of features. `Display` lists their names, separated by commas.
///
/// ```
/// use landfall_image::feature::{Feature, Features};
///
/// let missing = Features::NONE.with(Feature::Efi).with(Feature::Acpi);
/// assert!(missing.contains(Feature::Efi));
/// assert_eq!(missing.to_string(), "efi, acpi");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features(u16);

impl Features {
    /// No feature.
    pub const NONE: Self = Self(0);

    /// Returns the set that `bits` stands for; `None` if a bit stands for no [`Feature`].
    #[must_use]
    pub const fn from_bits(bits: u16) -> Option<Self> {
        if bits >> Feature::ALL.len() == 0 { Some(Self(bits)) } else { None }
    }

    /// Returns one bit for each feature, as the record has them.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Adds `feature`.
    #[must_use]
    pub const fn with(self, feature: Feature) -> Self {
        Self(self.0 | feature.bit())
    }

    /// Returns true if the set holds `feature`.
    #[must_use]
    pub const fn contains(self, feature: Feature) -> bool {
        self.0 & feature.bit() != 0
    }

    /// Returns true if the set holds no feature.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the features of the set, by their bits.
    pub fn iter(self) -> impl Iterator<Item = Feature> {
        Feature::ALL.iter().copied().filter(move |feature| self.contains(*feature))
    }
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().enumerate().try_for_each(|(index, feature)| {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{feature}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_has_the_bit_of_its_place() {
        for (index, feature) in Feature::ALL.iter().copied().enumerate() {
            assert_eq!(Features::NONE.with(feature).bits(), 1 << index, "{feature}");
            assert!(Features::from_bits(1 << index).is_some_and(|set| set.iter().eq([feature])));
        }
    }

    #[test]
    fn a_bit_of_no_feature_makes_no_set() {
        for bit in Feature::ALL.len()..16 {
            assert_eq!(Features::from_bits(1 << bit), None, "bit {bit}");
        }
    }

    #[test]
    fn a_set_holds_what_was_added_however_often() {
        let set = Features::NONE.with(Feature::Acpi).with(Feature::Report).with(Feature::Acpi);
        assert!(set.contains(Feature::Acpi) && set.contains(Feature::Report) && !set.is_empty());
        assert!(Features::NONE.is_empty());
    }

    #[test]
    fn each_feature_states_the_loss_of_its_own() {
        for (index, feature) in Feature::ALL.iter().enumerate() {
            assert!(feature.loss().split(' ').count() > 4, "{feature}");
            let mut before = Feature::ALL[..index].iter();
            assert!(before.all(|other| other.loss() != feature.loss()), "{feature}");
        }
    }
}

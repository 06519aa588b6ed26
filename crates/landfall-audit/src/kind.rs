//! The purposes of regions.

use std::fmt;

use serde::Serialize;

/// The purpose of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// The lower half, for user mode.
    User,
    /// Mappings at their own physical address.
    Identity,
    /// RAM at one offset.
    LinearMap,
    /// The kernel's text, constants and data.
    Image,
    /// Code that was loaded later.
    Modules,
    /// Stacks.
    Stacks,
    /// Mappings that the kernel makes as it runs.
    Dynamic,
    /// Addresses that the kernel fixed when it was compiled.
    Fixmap,
    /// Registers of devices.
    Devices,
    /// Anything else.
    Other,
}

impl Kind {
    /// Returns the name in text and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Identity => "identity",
            Self::LinearMap => "linear-map",
            Self::Image => "image",
            Self::Modules => "modules",
            Self::Stacks => "stacks",
            Self::Dynamic => "dynamic",
            Self::Fixmap => "fixmap",
            Self::Devices => "devices",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

//! Refusals: why there can be no landing.
//!
//! Each breaks a [`Rule`] of the boot contract. The first instructions check rules 1 to 5 and 16,
//! in assembly, before Rust can run. Their texts are in the crate `landfall`, beside that code.

use core::fmt;

use landfall_paging::{MapError, Mode, PhysAddr, PhysRange, VirtAddr};

use crate::policy::PolicyError;
use crate::range_set::{MAX_RANGES, RangeSetFull};
use crate::rule::Rule;

/// Why there can be no landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Rule 6: the device tree is not well-formed.
    BadTree {
        /// The offset in the tree, in bytes.
        offset: usize,
        /// The fault, and the right content.
        what: &'static str,
    },
    /// Rule 7: the tree lists more ranges than can be kept.
    TooManyRanges {
        /// Of what.
        what: &'static str,
        /// The one that did not fit.
        overflow: RangeSetFull,
    },
    /// Rule 8: the tree states no memory.
    NoMemory,
    /// Rule 9: a part of the image, its `.bss` included, is not in RAM.
    ImageOutsideRam {
        /// All of the image.
        image: PhysRange,
        /// The RAM range that holds its first byte.
        ram: Option<PhysRange>,
    },
    /// Rule 10: the image lies over reserved memory.
    ImageOverReserved {
        /// All of the image.
        image: PhysRange,
        /// The common part.
        common: PhysRange,
    },
    /// Rule 11: no paging mode suits the boot hart, the policy and the command line.
    NoCommonMode {
        /// The worst mode that the policy allows.
        lowest: Mode,
        /// The limit.
        limit: Limit,
    },
    /// Rule 12: the hart did not take any mode that its `mmu-type` promises and the policy allows.
    ProbeFailed {
        /// The best that was tried.
        best: Mode,
        /// The worst that was tried.
        lowest: Mode,
    },
    /// Rule 13: the image lies where the mode's linear map does not reach, or no probe can run
    /// there.
    OutOfReach {
        /// The mode.
        mode: Mode,
        /// The image.
        image: PhysRange,
        /// The mode's reach.
        reach: PhysRange,
    },
    /// Rule 14: no free memory for tables, stacks and what else the landing needs.
    TooLittleMemory {
        /// Bytes wanted, one after the other.
        wanted: u64,
        /// The most that is free in one place.
        largest: u64,
    },
    /// Rule 15: the policy record in the image is not one that this code knows.
    BadPolicy(PolicyError),
    /// Rule 19: the address space has no room for what the policy wants.
    NoRoom {
        /// The mode.
        mode: Mode,
        /// The requirement of the policy.
        requirement: Requirement,
    },
    /// Rule 27: the policy or the boot path needs a part of landfall that was compiled out.
    CompiledOut(MissingFeature),
    /// Rule 26: memory that the device tree lists as RAM does not keep what is written to it.
    NotMemory {
        /// The part that was to lie there.
        part: Part,
        /// The page.
        at: PhysAddr,
    },
    /// Rule 18: the plan does not fit its own tables, which is a fault of landfall.
    Internal(MapError),
}

/// A requirement of a policy that a machine cannot fulfill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requirement {
    /// The kernel, with its near region and stacks, at this place.
    KernelPin(VirtAddr),
    /// The lowest RAM at this address.
    LinearPin(VirtAddr),
    /// An offset of the linear map with more significant bits than two instructions make.
    LinearOffset(u64),
    /// A linear map somewhere.
    LinearMap {
        /// Its bytes, holes included.
        size: u64,
    },
    /// A kernel somewhere.
    Kernel {
        /// Bytes of its footprint: near region, image and stacks.
        size: u64,
        /// Bytes of the dynamic region that must be left beside it.
        dynamic: u64,
    },
    /// A kernel above the linear map.
    KernelAbove,
    /// A dynamic region.
    Dynamic {
        /// Bytes wanted.
        wanted: u64,
        /// Bytes of the largest piece that is left.
        largest: u64,
    },
    /// A border between linear map and kernel that two instructions make.
    Border,
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KernelPin(place) => write!(
                f,
                "the kernel pinned at {place}: with near region and stacks it does not fit there; move the pin, or the windows beside it"
            ),
            Self::LinearPin(at) => write!(
                f,
                "the linear map pinned with the lowest RAM at {at}: nothing is free there, besides the room that kernel and dynamic region need; move the pin"
            ),
            Self::LinearOffset(offset) => write!(
                f,
                "the linear map pinned at offset {offset:#x}, which is no signed number of 20 bits times a power of two; use a rounder one"
            ),
            Self::LinearMap { size } => write!(
                f,
                "a linear map of {size:#x} bytes: windows and pins leave no such place; move them, or limit the RAM"
            ),
            Self::Kernel { size, dynamic } => write!(
                f,
                "{size:#x} bytes for the kernel and {dynamic:#x} for the dynamic region: windows and pins leave no such place; move them"
            ),
            Self::KernelAbove => {
                write!(f, "the kernel pinned below the end of the linear map; pin it above, or limit the RAM")
            }
            Self::Dynamic { wanted, largest } => write!(
                f,
                "a dynamic region of {wanted:#x} bytes: the largest piece that is left has {largest:#x}; ask for less, or move pins and windows"
            ),
            Self::Border => write!(
                f,
                "linear map and kernel so close that no round address lies between them; pin them further apart"
            ),
        }
    }
}

/// A part of landfall that a policy or a boot path needs, and that a kernel may be built without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingFeature {
    /// The policy moves the image in physical memory.
    Relocate,
    /// EFI firmware describes the machine by ACPI's tables alone.
    Acpi,
}

impl MissingFeature {
    /// Returns the name of the Cargo feature of the crate `landfall` that has the part.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relocate => "relocate",
            Self::Acpi => "acpi",
        }
    }
}

impl fmt::Display for MissingFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (fact, way_out) = match self {
            Self::Relocate => ("the policy moves the image in physical memory", "use physical=stay"),
            Self::Acpi => {
                ("the firmware describes the machine by ACPI's tables alone", "boot with a device tree")
            }
        };
        let feature = self.name();
        write!(
            f,
            "{fact}; the kernel is built without the feature `{feature}` of landfall; build it with the feature, or {way_out}"
        )
    }
}

/// A part of memory that the landing relies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The image as it was loaded.
    Image,
    /// The image's `.bss`.
    Bss,
    /// The place that the image moves to.
    MovedImage,
    /// The page from which the image is copied.
    Copier,
    /// The page tables.
    Tables,
    /// The harts' stacks.
    Stacks,
    /// The copy of the device tree.
    Tree,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Image => "the image itself",
            Self::Bss => "the image's .bss",
            Self::MovedImage => "the image's new place",
            Self::Copier => "the code that copies the image",
            Self::Tables => "the page tables",
            Self::Stacks => "the harts' stacks",
            Self::Tree => "the copy of the device tree",
        })
    }
}

/// The limit that leaves no mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// The boot hart has no address translation (`mmu-type` is `riscv,none`).
    BootHartHasNone,
    /// The boot hart's best.
    BootHart(Mode),
    /// `landfall.mode=`.
    CommandLine(Mode),
}

impl Refusal {
    /// Returns the rule that is broken.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::BadTree { .. } => Rule::BadTree,
            Self::TooManyRanges { .. } => Rule::TooManyRanges,
            Self::NoMemory => Rule::NoMemory,
            Self::ImageOutsideRam { .. } => Rule::ImageOutsideRam,
            Self::ImageOverReserved { .. } => Rule::ImageOverReserved,
            Self::NoCommonMode { .. } => Rule::NoCommonMode,
            Self::ProbeFailed { .. } => Rule::ProbeFailed,
            Self::OutOfReach { .. } => Rule::OutOfReach,
            Self::TooLittleMemory { .. } => Rule::TooLittleMemory,
            Self::BadPolicy(_) => Rule::BadPolicy,
            Self::Internal(_) => Rule::Internal,
            Self::NoRoom { .. } => Rule::NoRoom,
            Self::NotMemory { .. } => Rule::NotMemory,
            Self::CompiledOut(_) => Rule::CompiledOut,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadTree { offset, what } => {
                write!(f, "the device tree is damaged at offset {offset:#x}: {what}")
            }
            Self::TooManyRanges { what, overflow: RangeSetFull(range) } => write!(
                f,
                "the device tree has more than {MAX_RANGES} separate ranges of {what}; {range} did not fit; merge some"
            ),
            Self::NoMemory => write!(
                f,
                "the device tree states no memory; it needs a node with device_type = \"memory\" and a reg that is not empty"
            ),
            Self::ImageOutsideRam { image, ram: Some(ram) } => write!(
                f,
                "the image takes {image} with its .bss, and the RAM that it begins in is {ram}; load it where all of it fits"
            ),
            Self::ImageOutsideRam { image, ram: None } => {
                write!(
                    f,
                    "the image takes {image} with its .bss, and there is no RAM at its start; load it into RAM"
                )
            }
            Self::ImageOverReserved { image, common } => write!(
                f,
                "the image takes {image} with its .bss, and {common} of that is reserved; load it where nothing is reserved"
            ),
            Self::NoCommonMode { lowest, limit } => {
                write!(f, "the kernel wants {lowest} or better, and ")?;
                match limit {
                    Limit::BootHartHasNone => {
                        write!(f, "the boot hart has no address translation (mmu-type riscv,none)")
                    }
                    Limit::BootHart(best) => write!(f, "the boot hart has no better mode than {best}"),
                    Limit::CommandLine(best) => write!(f, "the command line says landfall.mode={best}"),
                }
            }
            Self::ProbeFailed { best, lowest } => {
                write!(
                    f,
                    "the boot hart took no mode from {best} down to {lowest}, although the device tree says that it would"
                )
            }
            Self::OutOfReach { mode, image, reach } => write!(
                f,
                "the image takes {image}, and a kernel in {mode} reaches {reach} on this machine; load it there, or use a better mode"
            ),
            Self::TooLittleMemory { wanted, largest } => write!(
                f,
                "tables and stacks take {wanted:#x} bytes in one place, and the largest free place has {largest:#x}"
            ),
            Self::BadPolicy(error) => write!(f, "the policy record in the image is damaged: {error}"),
            Self::NoRoom { mode, requirement } => {
                write!(
                    f,
                    "the kernel's policy asks for what {mode} has no room for on this machine: {requirement}"
                )
            }
            Self::CompiledOut(feature) => write!(f, "{feature}"),
            Self::NotMemory { part: Part::Image, at } => write!(
                f,
                "the memory at {at}, in the image itself, does not keep what is written to it; load the image into RAM"
            ),
            Self::NotMemory { part, at } => write!(
                f,
                "the memory at {at}, for {part}, does not keep what is written to it; the device tree lists flash, ROM or device registers as RAM; correct its memory nodes"
            ),
            Self::Internal(error) => write!(f, "a fault of landfall itself, please report it: {error}"),
        }
    }
}

impl core::error::Error for Refusal {}

impl From<MapError> for Refusal {
    fn from(error: MapError) -> Self {
        Self::Internal(error)
    }
}

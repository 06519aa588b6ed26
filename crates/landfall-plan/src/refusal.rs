//! Refusals: the reasons why a kernel does not land.
//!
//! Each breaks a [`Rule`] of the boot contract. The first instructions check rules 1 to 5 and 16,
//! in assembly, before Rust can run. Their texts are in the crate `landfall`, beside that code.
//!
//! ```
//! use landfall_paging::Mode;
//! use landfall_plan::refusal::{Limit, Refusal};
//!
//! let refusal = Refusal::NoCommonMode { lowest: Mode::Sv48, limit: Limit::BootHart(Mode::Sv39) };
//! println!("landfall: refused {}: {refusal}", refusal.rule());
//! # assert_eq!(refusal.rule().to_string(), "R11");
//! ```

use core::fmt;

use landfall_paging::{MapError, Mode, PhysAddr, PhysRange, VirtAddr};

use crate::policy::PolicyError;
use crate::range_set::{MAX_RANGES, RangeSetFull};
use crate::rule::Rule;

/// A reason why a kernel does not land.
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
        /// The kind of memory.
        what: &'static str,
        /// The first range that does not fit.
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
    /// Rule 10: the image overlaps reserved memory.
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
    /// Rule 12: the hart accepted no mode that its `mmu-type` promises and the policy allows.
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
    /// Rule 14: no free range holds the tables, the stacks and the rest of the landing's memory.
    TooLittleMemory {
        /// The contiguous bytes that the landing takes.
        wanted: u64,
        /// The bytes of the largest free range.
        largest: u64,
    },
    /// Rule 15: the policy record in the image is invalid.
    BadPolicy(PolicyError),
    /// Rule 19: the address space has no room for the policy.
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
    /// Rule 18: the plan does not fit its own tables, which is a defect of landfall.
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
        /// The bytes that the policy requests.
        wanted: u64,
        /// The bytes of the largest free range.
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
                "the kernel pinned at {place} does not fit there with its near region and stacks; move the pin, or the windows beside it"
            ),
            Self::LinearPin(at) => write!(
                f,
                "the linear map pinned with the lowest RAM at {at} does not fit beside windows, kernel and dynamic region; move the pin"
            ),
            Self::LinearOffset(offset) => write!(
                f,
                "the linear map is pinned at offset {offset:#x}, which is not a signed 20-bit number times a power of two; use a rounder offset"
            ),
            Self::LinearMap { size } => write!(
                f,
                "windows and pins leave no range of {size:#x} bytes for the linear map; move them, or limit the RAM"
            ),
            Self::Kernel { size, dynamic } => write!(
                f,
                "windows and pins leave no range of {size:#x} bytes for the kernel beside {dynamic:#x} for the dynamic region; move them"
            ),
            Self::KernelAbove => {
                write!(
                    f,
                    "the kernel is pinned below the end of the linear map; pin it above, or limit the RAM"
                )
            }
            Self::Dynamic { wanted, largest } => write!(
                f,
                "the dynamic region takes {wanted:#x} bytes, but the largest free range has {largest:#x}; request less, or move pins and windows"
            ),
            Self::Border => write!(
                f,
                "the linear map and the kernel have no round address between them; pin them further apart"
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
    /// Another kernel hands on EFI firmware.
    Efi,
}

impl MissingFeature {
    /// Returns the name of the Cargo feature of the crate `landfall` that has the part.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relocate => "relocate",
            Self::Acpi => "acpi",
            Self::Efi => "efi",
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
            Self::Efi => ("another kernel hands on EFI firmware", "start the kernel by another loader"),
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
                write!(f, "the device tree is invalid at offset {offset:#x}: {what}")
            }
            Self::TooManyRanges { what, overflow: RangeSetFull(range) } => write!(
                f,
                "the device tree has more than {MAX_RANGES} separate ranges of {what}, and {range} does not fit; merge ranges"
            ),
            Self::NoMemory => write!(
                f,
                "the device tree states no memory; add a node with device_type = \"memory\" and a reg that is not empty"
            ),
            Self::ImageOutsideRam { image, ram: Some(ram) } => write!(
                f,
                "the image with its .bss takes {image}, but the RAM at its start is {ram}; load it where all of it is in RAM"
            ),
            Self::ImageOutsideRam { image, ram: None } => {
                write!(
                    f,
                    "the image with its .bss takes {image}, but its start is not in RAM; load it into RAM"
                )
            }
            Self::ImageOverReserved { image, common } => write!(
                f,
                "the image with its .bss takes {image}, but {common} is reserved; load it outside reserved memory"
            ),
            Self::NoCommonMode { lowest, limit } => {
                write!(f, "the kernel requires {lowest} or better, but ")?;
                match limit {
                    Limit::BootHartHasNone => {
                        write!(
                            f,
                            "the boot hart has no address translation (mmu-type riscv,none); boot on a hart with an MMU"
                        )
                    }
                    Limit::BootHart(best) => write!(
                        f,
                        "the boot hart supports at most {best}; boot on another machine, or allow {best} in the policy"
                    ),
                    Limit::CommandLine(best) => {
                        write!(f, "the command line limits it to {best}; remove landfall.mode={best}")
                    }
                }
            }
            Self::ProbeFailed { best, lowest } => {
                write!(
                    f,
                    "the boot hart accepted no mode from {best} down to {lowest}, although its mmu-type promises one; correct the device tree"
                )
            }
            Self::OutOfReach { mode, image, reach } => write!(
                f,
                "the image takes {image}, but a kernel in {mode} reaches only {reach} on this machine; load it there, or use a better mode"
            ),
            Self::TooLittleMemory { wanted, largest } => write!(
                f,
                "tables and stacks take {wanted:#x} contiguous bytes, but the largest free range has {largest:#x}; reserve less memory, or use smaller stacks"
            ),
            Self::BadPolicy(error) => write!(f, "the policy record in the image is invalid: {error}"),
            Self::NoRoom { mode, requirement } => {
                write!(
                    f,
                    "the address space of {mode} has no room for the policy on this machine: {requirement}"
                )
            }
            Self::CompiledOut(feature) => write!(f, "{feature}"),
            Self::NotMemory { part: Part::Image, at } => write!(
                f,
                "the memory at {at}, in the image itself, loses what is written to it; load the image into RAM"
            ),
            Self::NotMemory { part, at } => write!(
                f,
                "the memory at {at}, for {part}, loses what is written to it; the device tree lists flash, ROM or device registers as RAM; correct its memory nodes"
            ),
            Self::Internal(error) => write!(
                f,
                "the plan does not fit its own tables: {error}; this is a defect of landfall; report it"
            ),
        }
    }
}

impl core::error::Error for Refusal {}

impl From<MapError> for Refusal {
    fn from(error: MapError) -> Self {
        Self::Internal(error)
    }
}

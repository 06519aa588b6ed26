//! Refusals: why there can be no landing.
//!
//! The numbers are those of `docs/boot-contract.md`. Rules 1 to 5 and 16 are checked by the first instructions, in assembly, before Rust can run;
//! their texts are in the crate `landfall`, beside that code.

use core::fmt;

use landfall_paging::{MapError, Mode};

use crate::policy::PolicyError;
use crate::range::{MAX_RANGES, Overflow, Range};

/// Why there can be no landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Rule 6: the device tree is not well-formed.
    BadTree {
        /// Where in the tree, in bytes.
        offset: usize,
        /// What is wrong there, and what would be right.
        what: &'static str,
    },
    /// Rule 7: the tree lists more ranges than can be kept.
    TooManyRanges {
        /// Of what.
        what: &'static str,
        /// The one that did not fit.
        overflow: Overflow,
    },
    /// Rule 8: the tree states no memory.
    NoMemory,
    /// Rule 9: a part of the image, its `.bss` included, is not in RAM.
    ImageOutsideRam {
        /// All of the image.
        image: Range,
        /// The RAM range that holds its first byte.
        ram: Option<Range>,
    },
    /// Rule 10: the image lies over reserved memory.
    ImageOverReserved {
        /// All of the image.
        image: Range,
        /// What both have.
        common: Range,
    },
    /// Rule 11: no paging mode suits the boot hart, the policy and the command line.
    NoCommonMode {
        /// The worst mode that the policy allows.
        lowest: Mode,
        /// Who limits it.
        limit: Limit,
    },
    /// Rule 12: the hart did not take any mode that its `mmu-type` promises and the policy allows.
    ProbeFailed {
        /// The best that was tried.
        best: Mode,
        /// The worst that was tried.
        lowest: Mode,
    },
    /// Rule 13: the image lies where the mode's linear map does not reach, or no probe can run there.
    OutOfReach {
        /// The mode.
        mode: Mode,
        /// The image.
        image: Range,
        /// What the mode would reach.
        reach: Range,
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
    /// Rule 18: the plan does not fit its own tables, which is a fault of landfall.
    Internal(MapError),
}

/// What limits the mode so far that none is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The boot hart has no address translation (`mmu-type` is `riscv,none`).
    BootHartHasNone,
    /// The boot hart's best.
    BootHart(Mode),
    /// `landfall.mode=`.
    CommandLine(Mode),
}

impl Refusal {
    /// The number of the rule in `docs/boot-contract.md`.
    #[must_use]
    pub const fn rule(&self) -> u32 {
        match self {
            Self::BadTree { .. } => 6,
            Self::TooManyRanges { .. } => 7,
            Self::NoMemory => 8,
            Self::ImageOutsideRam { .. } => 9,
            Self::ImageOverReserved { .. } => 10,
            Self::NoCommonMode { .. } => 11,
            Self::ProbeFailed { .. } => 12,
            Self::OutOfReach { .. } => 13,
            Self::TooLittleMemory { .. } => 14,
            Self::BadPolicy(_) => 15,
            Self::Internal(_) => 18,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadTree { offset, what } => {
                write!(f, "the device tree is damaged at offset {offset:#x}: {what}")
            }
            Self::TooManyRanges { what, overflow: Overflow(range) } => write!(
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

//! The reasons against a start of the kernel.

use core::fmt;

use landfall_paging::{Mode, VirtAddr};

use crate::feature::Feature;
use crate::memory::MemoryFault;

/// The reason against a start of the kernel. Offsets are those in the loaded kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// There are requests, but no base revision tag: the kernel requests base revision 0.
    NoTag,
    /// The kernel requests base revision 0, 1 or 2.
    BaseRevision {
        /// The requested one.
        asked: u64,
    },
    /// There are two base revision tags.
    SecondTag {
        /// The offset of one.
        first: usize,
        /// The offset of another.
        second: usize,
    },
    /// The kernel ends within its base revision tag.
    CutTag {
        /// The offset of the tag.
        at: usize,
    },
    /// The first end marker precedes the last start marker.
    Delimiters {
        /// The offset of the start marker.
        start: usize,
        /// The offset of the end marker.
        end: usize,
    },
    /// There are two requests for one feature.
    SecondRequest {
        /// The feature.
        feature: Feature,
        /// The offset of one.
        first: usize,
        /// The offset of another.
        second: usize,
    },
    /// The kernel ends within a request.
    CutRequest {
        /// The feature.
        feature: Feature,
        /// The offset of the request.
        at: usize,
    },
    /// The kernel accepts no paging mode.
    Modes {
        /// The number of the least mode.
        least: u64,
        /// The number of the mode with the most levels.
        most: u64,
    },
    /// The requested entry is odd, or outside of the kernel's code.
    Entry {
        /// The entry.
        entry: VirtAddr,
    },
    /// The list of internal modules, or one of them, is outside of the kernel or too long.
    InternalModules,
    /// There are more modules than this version handles.
    TooManyModules {
        /// Their number.
        modules: u64,
    },
    /// A required internal module is not among the modules.
    NoModule {
        /// Its index.
        index: usize,
    },
    /// The memory map of the loader is invalid.
    Memory(MemoryFault),
    /// A file of the loader is not page-aligned.
    File,
    /// The loader's list of harts lacks the boot hart.
    NoBootHart {
        /// Its id.
        hart: u64,
    },
    /// The memory for the responses is too small.
    Room {
        /// Bytes that suffice, from a page boundary on.
        needed: usize,
    },
    /// The image is not the one in which the requests were found.
    OtherImage,
    /// The kernel does not accept the mode of the machine.
    Mode {
        /// The mode.
        mode: Mode,
        /// The least mode that the kernel accepts.
        least: Mode,
        /// The mode with the most levels that it accepts.
        most: Mode,
    },
}

impl Refusal {
    /// The rules, each with the condition that breaks it, in the words of `docs/limine.md`. The
    /// numbers never change.
    pub const RULES: [(&'static str, &'static str); 18] = [
        ("L1", "there are requests, but no base revision tag"),
        ("L2", "the kernel requests base revision 0, 1 or 2"),
        ("L3", "there are two base revision tags"),
        ("L4", "the kernel ends within its tag"),
        ("L5", "the first end marker precedes the last start marker"),
        ("L6", "there are two requests for one feature"),
        ("L7", "the kernel ends within a request"),
        ("L8", "the kernel accepts no paging mode"),
        ("L9", "the requested entry is odd, or outside of the kernel's code"),
        ("L10", "an internal module is outside of the kernel, or a text of it has more than 4,095 bytes"),
        ("L11", "there are more than 64 modules, or more than 64 internal ones"),
        ("L12", "a required internal module is not among the modules"),
        (
            "L13",
            "the memory map is not sorted, or its usable memory is no whole pages or overlaps other memory",
        ),
        ("L14", "a file does not begin at a page"),
        ("L15", "the boot hart is not among the harts"),
        ("L16", "the memory for responses is too small"),
        ("L17", "the kernel is not the one in which the requests were found"),
        ("L18", "the machine landed in a paging mode that the kernel does not accept"),
    ];

    /// Returns the name of the broken rule.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        let index = match self {
            Self::NoTag => 0,
            Self::BaseRevision { .. } => 1,
            Self::SecondTag { .. } => 2,
            Self::CutTag { .. } => 3,
            Self::Delimiters { .. } => 4,
            Self::SecondRequest { .. } => 5,
            Self::CutRequest { .. } => 6,
            Self::Modes { .. } => 7,
            Self::Entry { .. } => 8,
            Self::InternalModules => 9,
            Self::TooManyModules { .. } => 10,
            Self::NoModule { .. } => 11,
            Self::Memory(_) => 12,
            Self::File => 13,
            Self::NoBootHart { .. } => 14,
            Self::Room { .. } => 15,
            Self::OtherImage => 16,
            Self::Mode { .. } => 17,
        };
        Self::RULES[index].0
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTag => f.write_str(
                "the kernel has Limine requests but no base revision tag, which means base revision 0; that promises an identity map; use base revision 3 or newer",
            ),
            Self::BaseRevision { asked } => write!(
                f,
                "the kernel requests Limine's base revision {asked}; that promises a map of the first 4 GiB; use base revision 3 or newer"
            ),
            Self::SecondTag { first, second } => write!(
                f,
                "the kernel has two base revision tags, at offsets {first:#x} and {second:#x}; keep one"
            ),
            Self::CutTag { at } => {
                write!(f, "the kernel ends within its base revision tag at offset {at:#x}; build it again")
            }
            Self::Delimiters { start, end } => write!(
                f,
                "the end marker of the requests, at offset {end:#x}, precedes the start marker, at {start:#x}; order their sections"
            ),
            Self::SecondRequest { feature, first, second } => write!(
                f,
                "the kernel has two {feature} requests, at offsets {first:#x} and {second:#x}; keep one"
            ),
            Self::CutRequest { feature, at } => {
                write!(f, "the kernel ends within its {feature} request at offset {at:#x}; build it again")
            }
            Self::Modes { least, most } => write!(
                f,
                "the kernel accepts no paging mode: its least is number {least}, its most is {most}; request Sv39 (0) to Sv57 (2)"
            ),
            Self::Entry { entry } => {
                write!(f, "the requested entry point {entry} is odd, or outside of the kernel's code; request a function of the kernel")
            }
            Self::InternalModules => f.write_str(
                "the list of internal modules is outside of the kernel, or one of its texts has no end; relocate it, and end each text with a zero",
            ),
            Self::TooManyModules { modules } => {
                write!(f, "there are {modules} modules; this version handles 64; pack them into one")
            }
            Self::NoModule { index } => write!(
                f,
                "the kernel requires its internal module {index}, which is not among the modules; add it"
            ),
            Self::Memory(fault) => fault.fmt(f),
            Self::File => {
                f.write_str("a file for the kernel does not begin at a page; place it at a multiple of 4 KiB")
            }
            Self::NoBootHart { hart } => {
                write!(f, "the list of harts lacks the boot hart, id {hart}; add it")
            }
            Self::Room { needed } => {
                write!(f, "the responses do not fit; provide {needed:#x} bytes from a page boundary on")
            }
            Self::OtherImage => f.write_str(
                "the image is smaller than the one in which the requests were found; pass the same one",
            ),
            Self::Mode { mode, least, most } => write!(
                f,
                "the kernel accepts paging modes from {least} to {most}, and this machine landed in {mode}; set the policy `modes={least}..{most}`"
            ),
        }
    }
}

impl core::error::Error for Refusal {}

impl From<MemoryFault> for Refusal {
    fn from(fault: MemoryFault) -> Self {
        Self::Memory(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_a_rule_of_its_own() {
        let feature = Feature::Hhdm;
        let all = [
            Refusal::NoTag,
            Refusal::BaseRevision { asked: 0 },
            Refusal::SecondTag { first: 0, second: 0 },
            Refusal::CutTag { at: 0 },
            Refusal::Delimiters { start: 0, end: 0 },
            Refusal::SecondRequest { feature, first: 0, second: 0 },
            Refusal::CutRequest { feature, at: 0 },
            Refusal::Modes { least: 0, most: 0 },
            Refusal::Entry { entry: VirtAddr::new(0) },
            Refusal::InternalModules,
            Refusal::TooManyModules { modules: 0 },
            Refusal::NoModule { index: 0 },
            Refusal::Memory(MemoryFault::Full { room: 0 }),
            Refusal::File,
            Refusal::NoBootHart { hart: 0 },
            Refusal::Room { needed: 0 },
            Refusal::OtherImage,
            Refusal::Mode { mode: Mode::Sv57, least: Mode::Sv39, most: Mode::Sv48 },
        ];
        assert_eq!(all.map(|refusal| refusal.rule()), Refusal::RULES.map(|(rule, _)| rule));
        assert_eq!(Refusal::RULES[17].0, "L18");
    }
}

//! The choices of a policy.

use core::fmt;

use landfall_paging::{Mode, VirtAddr, VirtRange};

/// The randomization of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kaslr {
    /// Wherever there is entropy and the command line does not say `nokaslr`.
    Enabled,
    /// Never.
    Disabled,
}

/// The disclosure of random addresses in reports: every reader of the console would learn them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disclosure {
    /// Reports withhold them.
    Withhold,
    /// Reports show them: for tests and for machines that have no secrets.
    Disclose,
}

/// Which harts land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Starting {
    /// All that reach the mode.
    AllHarts,
    /// The one that boots; the others stay where the firmware keeps them.
    BootHart,
}

/// The placement of the kernel in the address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// In a region of its own, outside the linear map.
    OwnRegion,
    /// In the linear map: its virtual address is the linear address of its physical one. It has no
    /// near region then.
    LinearMap,
}

/// The linear map's alias of the kernel's text and constants, if the kernel has a region of its
/// own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Alias {
    /// The same, read-only.
    ReadOnly,
    /// Nothing.
    Absent,
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OwnRegion => "own-region",
            Self::LinearMap => "linear-map",
        })
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReadOnly => "read-only",
            Self::Absent => "absent",
        })
    }
}

/// The place of the kernel in physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PhysicalPlacement {
    /// The load address.
    Stay,
    /// The place with the fewest leaves: mostly in a gigabyte that firmware splits anyway. The
    /// kernel moves only if that lowers the number.
    Pack,
    /// Anywhere in free RAM, at random.
    Random,
}

/// The place of the landing's page tables and stacks in physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TablePlacement {
    /// Anywhere in free RAM, at random.
    Random,
    /// The lowest free RAM that holds them. No draw divides the memory above.
    Lowest,
}

/// The modes to which a pin or a window applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Modes {
    /// All that the policy allows.
    All,
    /// This one.
    Only(Mode),
}

impl Modes {
    pub(super) const fn hold(self, mode: Mode) -> bool {
        match self {
            Self::All => true,
            Self::Only(only) => only as u8 == mode as u8,
        }
    }
}

/// A pin of the linear map, for a kernel that converts by a constant. A multiple of 1 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinearPin {
    /// Virtual minus physical address, modulo 2^64: `virt = phys + offset`.
    Offset(u64),
    /// The virtual address of the lowest RAM, rounded down to a multiple of 1 GiB.
    Base(VirtAddr),
}

/// Virtual addresses that the landing leaves to the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// In which modes.
    pub modes: Modes,
    /// Which addresses.
    pub range: VirtRange,
}

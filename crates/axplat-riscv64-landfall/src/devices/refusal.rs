//! Descriptions of interrupt controllers that are invalid.

use core::fmt;

use landfall::address::{PhysAddr, PhysRange};

/// The reason why a controller is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its `reg` is smaller than the registers that the CPUs need.
    Registers { found: PhysRange, needed: u64 },
    /// Its messages go to no IMSIC of supervisor mode.
    NoImsic,
    /// A property of the IMSIC has a value that is not possible.
    Property { name: &'static str, found: u32 },
    /// The IMSIC has no interrupt file for the output of this number.
    NoFile { output: usize },
    /// A file's address does not follow from the first file's by the bits of its indexes.
    FileAddress { found: PhysAddr },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registers { found, needed } => {
                write!(f, "its registers take {:#x} bytes; {needed:#x} are needed", found.size())
            }
            Self::NoImsic => f.write_str("its msi-parent is no IMSIC of supervisor mode"),
            Self::Property { name, found } => write!(f, "the IMSIC's {name} is invalid: {found}"),
            Self::NoFile { output } => write!(f, "the IMSIC has no interrupt file for output {output}"),
            Self::FileAddress { found } => {
                write!(f, "the IMSIC's interrupt file at {:#x} is at no possible address", found.get())
            }
        }
    }
}

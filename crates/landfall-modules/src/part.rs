//! The parts of a module, by permission.

use core::fmt;

use landfall_paging::VirtAddr;

/// A part of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Code: R-X.
    Text,
    /// Constants, and the GOT: R--.
    Constants,
    /// Data: RW-.
    Data,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 3] = [Self::Text, Self::Constants, Self::Data];
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Constants => "constants",
            Self::Data => "data",
        })
    }
}

/// The addresses of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bases(pub(crate) [VirtAddr; 3]);

impl Bases {
    pub(crate) const fn of(&self, part: Part) -> VirtAddr {
        self.0[part as usize]
    }
}

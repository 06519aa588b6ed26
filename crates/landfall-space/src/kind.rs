//! The use of a mapping. Each leaf and each guard has it as its label.

use core::fmt;

use landfall_paging::Label;

/// The use of a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Memory.
    Memory = 0,
    /// A stack.
    Stack = 1,
    /// Registers of a device.
    Device = 2,
    /// Code that came at run time, or addresses for it.
    Code = 3,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Memory, Self::Stack, Self::Device, Self::Code];

    pub(crate) const fn label(self) -> Label {
        match Label::new(self as u8) {
            Some(label) => label,
            None => Label::NONE,
        }
    }

    pub(crate) fn of(label: Label) -> Self {
        Self::ALL[usize::from(label.get() & 3)]
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Stack => "a stack",
            Self::Device => "registers of a device",
            Self::Code => "code",
        })
    }
}

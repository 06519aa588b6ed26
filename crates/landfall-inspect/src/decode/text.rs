//! Instructions as text: what assemblers call them, without aliases, with the targets of jumps as
//! addresses.

use std::fmt;

use super::operation::{AtomicName, CsrSource, Operation, Ordering};

/// An operation at the address where it stands, as text.
#[derive(Clone, Copy, Debug)]
pub struct At {
    operation: Operation,
    address: u64,
}

impl Operation {
    /// Its text, where it stands at `address`.
    #[must_use]
    pub const fn at(self, address: u64) -> At {
        At { operation: self, address }
    }
}

/// The four letters of a fence's sets.
struct Set(u8);

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0");
        }
        for (bit, letter) in [(8, "i"), (4, "o"), (2, "r"), (1, "w")] {
            if self.0 & bit != 0 {
                f.write_str(letter)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Ordering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(["", ".rl", ".aq", ".aqrl"][usize::from(self.0 & 3)])
    }
}

impl fmt::Display for CsrSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register(register) => write!(f, "{register}"),
            Self::Immediate(immediate) => write!(f, "{immediate}"),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = |offset: i32| self.address.wrapping_add_signed(i64::from(offset));
        match self.operation {
            Operation::Lui { rd, value } => write!(f, "lui {rd}, {:#x}", value >> 12 & 0xf_ffff),
            Operation::Auipc { rd, offset } => write!(f, "auipc {rd}, {:#x}", offset >> 12 & 0xf_ffff),
            Operation::Jump { rd, offset } => write!(f, "jal {rd}, {:#x}", target(offset)),
            Operation::JumpRegister { rd, base, offset } => write!(f, "jalr {rd}, {offset}({base})"),
            Operation::Branch { name, left, right, offset } => {
                write!(f, "{} {left}, {right}, {:#x}", name.text(), target(i32::from(offset)))
            }
            Operation::Load { name, rd, base, offset } => write!(f, "{} {rd}, {offset}({base})", name.text()),
            Operation::Store { name, source, base, offset } => {
                write!(f, "{} {source}, {offset}({base})", name.text())
            }
            Operation::FloatLoad { format, rd, base, offset } => {
                write!(f, "fl{} {rd}, {offset}({base})", format.letter())
            }
            Operation::FloatStore { format, source, base, offset } => {
                write!(f, "fs{} {source}, {offset}({base})", format.letter())
            }
            Operation::Atomic { name, width, ordering, rd, base, source } => {
                let width = ["b", "h", "w", "d", "q"][width.trailing_zeros().min(4) as usize];
                write!(f, "{}.{width}{ordering} {rd}, ", name.text())?;
                if name != AtomicName::Lr {
                    write!(f, "{source}, ")?;
                }
                write!(f, "({base})")
            }
            Operation::Immediate { name, rd, source, immediate } => {
                write!(f, "{} {rd}, {source}, {immediate}", name.text())
            }
            Operation::Arithmetic { name, rd, left, right } => {
                write!(f, "{} {rd}, {left}, {right}", name.text())
            }
            Operation::Float(operation) => write!(f, "{operation}"),
            Operation::Csr { name, rd, csr, source } => {
                let immediate = if matches!(source, CsrSource::Immediate(_)) { "i" } else { "" };
                write!(f, "{}{immediate} {rd}, {csr:#x}, {source}", name.text())
            }
            Operation::Fence { mode: 8, predecessor: 3, successor: 3 } => f.write_str("fence.tso"),
            Operation::Fence { predecessor, successor, .. } => {
                write!(f, "fence {}, {}", Set(predecessor), Set(successor))
            }
            Operation::FenceI => f.write_str("fence.i"),
            Operation::Ecall => f.write_str("ecall"),
            Operation::Ebreak => f.write_str("ebreak"),
            Operation::Sret => f.write_str("sret"),
            Operation::Mret => f.write_str("mret"),
            Operation::Wfi => f.write_str("wfi"),
            Operation::FenceVma { address, space } => write!(f, "sfence.vma {address}, {space}"),
            Operation::Extension(extension) => write!(f, "{extension}"),
            Operation::Unknown => f.write_str("<unknown>"),
        }
    }
}

//! A decoder for RV64GC, the extensions of the profile RVA23, and further ratified ones that
//! compilers emit.
//!
//! It decodes what these extensions define and nothing else: every other encoding is
//! [`Operation::Unknown`], with its length. Of RV64GC, Zba and the atomics it knows all fields; of
//! the others what [`Extension`] has. A compressed instruction decodes to the instruction that it
//! stands for, of length 2. ("The RISC-V Instruction Set Manual Volume I: Unprivileged
//! Architecture", named "unprivileged" in the comments here.)

mod compressed;
mod extension;
mod fields;
mod float;
mod length;
mod named;
mod operation;
mod register;
mod text;
mod word;

pub use extension::Extension;
pub use float::{FloatFormat, FloatName, FloatOperation};
pub use length::length;
pub use operation::{
    ArithmeticName, AtomicName, Condition, CsrName, CsrSource, ImmediateName, LoadName, Operation, Ordering,
    StoreName,
};
pub use register::{FloatRegister, Register};
pub use text::At;

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Its operation.
    pub operation: Operation,
    /// Its bytes.
    pub length: u8,
}

/// The first instruction of `bytes`; `None` if it does not end there.
///
/// The specification leaves the length of an encoding of 192 bits or more open. Then the answer is
/// unknown, of the two bytes that were understood.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Instruction> {
    let (&first, rest) = bytes.split_first_chunk()?;
    let parcel = u16::from_le_bytes(first);
    match length(parcel) {
        Some(2) => Some(Instruction { operation: compressed::decode(parcel), length: 2 }),
        Some(4) => {
            let &second = rest.first_chunk()?;
            let word = u32::from(u16::from_le_bytes(second)) << 16 | u32::from(parcel);
            Some(Instruction { operation: word::decode(word), length: 4 })
        }
        Some(length) => (bytes.len() >= usize::from(length))
            .then_some(Instruction { operation: Operation::Unknown, length }),
        None => Some(Instruction { operation: Operation::Unknown, length: 2 }),
    }
}

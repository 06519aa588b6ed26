//! As much of the RISC-V instruction set as the tests need: what writes `satp`, and what a
//! conversion of addresses consists of.
//!
//! Unprivileged specification, "RV32/64G Instruction Set Listings" and "RVC Instruction Set
//! Listings".
//!
//! ```
//! use landfall_judge::instruction::satp_writes;
//!
//! // `csrw satp, t0` behind a compressed `nop`.
//! let code = [0x01, 0x00, 0x73, 0x90, 0x02, 0x18];
//! let writes = satp_writes(&code, 0x1000);
//! assert_eq!((writes[0].offset, writes[0].register()), (0x1002, Some("t0")));
//! ```

use std::fmt;

use crate::unreadable::Unreadable;

const SATP: u32 = 0x180;

/// An instruction that can write something else than 0 to `satp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SatpWrite {
    /// Its offset from the image's start.
    pub offset: u64,
    how: How,
    /// Bits 19:15: a register, or an immediate.
    source: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Write,
    Set,
    Clear,
    WriteImmediate,
    SetImmediate,
    ClearImmediate,
}

impl SatpWrite {
    fn decode(word: u32, offset: u64) -> Option<Self> {
        if word & 0x7f != 0x73 || word >> 20 != SATP {
            return None;
        }
        let how = match word >> 12 & 7 {
            1 => How::Write,
            2 => How::Set,
            3 => How::Clear,
            5 => How::WriteImmediate,
            6 => How::SetImmediate,
            7 => How::ClearImmediate,
            _ => return None,
        };
        let source = word >> 15 & 31;
        // x0 and immediate 0: the first writes 0, the others write nothing.
        (source != 0).then_some(Self { offset, how, source })
    }

    /// The register that it reads, if it does.
    #[must_use]
    pub fn register(&self) -> Option<&'static str> {
        let reads = matches!(self.how, How::Write | How::Set | How::Clear);
        reads.then(|| REGISTERS[self.source as usize])
    }

    /// Returns the new value of `satp`, from its old value and that of the register.
    #[must_use]
    pub fn value(&self, old: u64, register: u64) -> u64 {
        let immediate = u64::from(self.source);
        match self.how {
            How::Write => register,
            How::Set => old | register,
            How::Clear => old & !register,
            How::WriteImmediate => immediate,
            How::SetImmediate => old | immediate,
            How::ClearImmediate => old & !immediate,
        }
    }
}

/// The names of x0 to x31, as QEMU's debugger has them.
const REGISTERS: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
    "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

/// Returns all of them in `text`, which begins at `offset` of the image. Every possible start of an
/// instruction is read, so data in between hides none. A false one costs a breakpoint that is never
/// reached.
#[must_use]
pub fn satp_writes(text: &[u8], offset: u64) -> Vec<SatpWrite> {
    let places = (0..text.len()).step_by(2);
    let words = places.filter_map(|at| Some((at, u32::from_le_bytes(*text.get(at..)?.first_chunk()?))));
    words.filter_map(|(at, word)| SatpWrite::decode(word, offset + at as u64)).collect()
}

/// An instruction of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `lui`
    LoadUpper,
    /// `slli`
    Shift,
    /// `add`, `sub`
    Add,
    /// `addi`, `li`, `mv`
    AddImmediate,
    /// `ret`
    Return,
    /// Branches and jumps.
    Jump,
    /// Anything that reads memory.
    Load,
    /// Anything that writes memory.
    Store,
    /// `ecall`
    Call,
    /// `fence`, with its sets before and after it: bits 3 to 0 are I, O, R and W.
    Fence {
        /// The accesses before it.
        before: u8,
        /// The accesses after it.
        after: u8,
    },
    /// The rest.
    Other(u32),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(word) => write!(f, "{word:#x}"),
            kind => write!(f, "{kind:?}"),
        }
    }
}

/// The instructions in `code`, compressed ones too.
///
/// # Errors
/// Names the instruction that is not known.
pub fn decode(code: &[u8]) -> Result<Vec<Kind>, Unreadable> {
    let (mut kinds, mut rest) = (Vec::new(), code);
    while let Some(half) = rest.first_chunk().map(|half| u16::from_le_bytes(*half)) {
        if half & 3 == 3 {
            let word =
                rest.first_chunk().map(|word| u32::from_le_bytes(*word)).ok_or("half an instruction")?;
            kinds.push(full(word));
            rest = &rest[4..];
        } else {
            kinds.push(compressed(half));
            rest = &rest[2..];
        }
    }
    Ok(kinds)
}

fn full(word: u32) -> Kind {
    let (function, upper) = (word >> 12 & 7, word >> 25);
    match word & 0x7f {
        0x37 => Kind::LoadUpper,
        0x13 if function == 0 => Kind::AddImmediate,
        0x13 if function == 1 => Kind::Shift,
        0x33 if function == 0 && matches!(upper, 0 | 0x20) => Kind::Add,
        _ if word == 0x0000_8067 => Kind::Return,
        0x63 | 0x67 | 0x6f => Kind::Jump,
        // Loads, floating-point and vector loads, atomics.
        0x03 | 0x07 | 0x2f => Kind::Load,
        0x23 | 0x27 => Kind::Store,
        // Bits 31:28 are 0 but for `fence.tso`.
        0x0f if function == 0 && word >> 28 == 0 => {
            let set = |shift: u32| (word >> shift & 15) as u8;
            Kind::Fence { before: set(24), after: set(20) }
        }
        0x73 if word == 0x73 => Kind::Call,
        _ => Kind::Other(word),
    }
}

fn compressed(half: u16) -> Kind {
    let (quadrant, function, registers) = (half & 3, half >> 13, half >> 2 & 31);
    match (quadrant, function) {
        (0 | 2, 1..=3) => Kind::Load,
        (0 | 2, 5..=7) => Kind::Store,
        // c.addi4spn
        (0, 0) if half != 0 => Kind::AddImmediate,
        // c.addi, c.addiw, c.li
        (1, 0 | 2) => Kind::AddImmediate,
        // c.addi16sp, or c.lui
        (1, 3) if half >> 7 & 31 == 2 => Kind::AddImmediate,
        (1, 3) => Kind::LoadUpper,
        // c.sub alone: bits 12:10 are 011, bits 6:5 are 00.
        (1, 4) if half >> 10 & 7 == 3 && half & 0x60 == 0 => Kind::Add,
        (1, 5..=7) => Kind::Jump,
        (2, 0) => Kind::Shift,
        (2, 4) if half == 0x8082 => Kind::Return,
        (2, 4) if registers == 0 => Kind::Jump,
        // c.mv, or c.add
        (2, 4) if half >> 12 & 1 == 0 => Kind::AddImmediate,
        (2, 4) => Kind::Add,
        _ => Kind::Other(half.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_of_satp_are_found_wherever_they_are() {
        // nop (compressed), csrw satp, s1; csrw satp, zero; csrr a0, satp; csrrsi zero, satp, 3
        let code = [
            0x0001_u16.to_le_bytes().to_vec(),
            [0x1804_9073_u32, 0x1800_1073, 0x1800_2573, 0x1801_e073].map(u32::to_le_bytes).concat(),
        ];
        let found = satp_writes(&code.concat(), 0x100);
        assert_eq!(found.iter().map(|write| write.offset).collect::<Vec<_>>(), [0x102, 0x10e]);
        assert_eq!((found[0].register(), found[0].value(1, 2)), (Some("s1"), 2));
        assert_eq!((found[1].register(), found[1].value(4, 0)), (None, 7));
    }

    #[test]
    fn fences_have_their_sets() {
        // fence rw, ow; ecall; fence.i; pause
        let code = [0x0350_000f_u32, 0x73, 0x100f, 0x0100_000f].map(u32::to_le_bytes).concat();
        let kinds = decode(&code).expect("whole instructions");
        let pause = Kind::Fence { before: 1, after: 0 };
        assert_eq!(
            kinds,
            [Kind::Fence { before: 0b0011, after: 0b0101 }, Kind::Call, Kind::Other(0x100f), pause]
        );
    }

    #[test]
    fn a_conversion_is_told_from_a_load() {
        // lui a1, 1; slli a1, a1, 18; c.add a0, a1; ret; then c.ld a0, 0(a0); ld a0, 0(a0); c.sub
        // a0, a1; sub a0, a0, a1
        use Kind::{Add, Load, LoadUpper, Return, Shift};

        let code = [
            &0x0000_15b7_u32.to_le_bytes()[..],
            &0x0125_9593_u32.to_le_bytes(),
            &0x952e_u16.to_le_bytes(),
            &0x8082_u16.to_le_bytes(),
            &0x6108_u16.to_le_bytes(),
            &0x0005_3503_u32.to_le_bytes(),
            &0x8d0d_u16.to_le_bytes(),
            &0x40b5_0533_u32.to_le_bytes(),
        ];
        assert_eq!(decode(&code.concat()), Ok(vec![LoadUpper, Shift, Add, Return, Load, Load, Add, Add]));
    }
}

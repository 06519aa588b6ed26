//! Stack frames that the guard below a stack does not catch.
//!
//! A function moves `sp` down and may touch its frame late, or at its lower end first. The first
//! access beyond the stack faults only if it hits the guard. A function that calls others stores
//! its return address at the upper end of its frame. So at most two frames lie between accesses,
//! that of a function and that of its callee, and each may take half of the guard. The distance
//! counts that `sp` moves without an access in between. Stack probes touch each page, and stay
//! below it.

use landfall_plan::plan::STACK_GUARD;

use super::ground;
use super::number::{extended, word};
use crate::decode::{ArithmeticName, ImmediateName, Instruction, Operation, Register, decode};
use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Stretch, Subject};
use crate::units::Address;

/// The largest frame that the guard catches.
pub(crate) const LARGEST_FRAME: u64 = STACK_GUARD / 2;

/// Adds each place where `sp` moves further than the guard catches. Only landfall's stacks have
/// that guard.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    if !subject.kind().is_landfall() || !subject.kind().is_elf() {
        return;
    }
    for piece in ground::pieces(subject) {
        frames(piece, |at, frame| {
            let what = format!(
                "sp moves down by {frame:#x} bytes without an access in between, and the guard below a stack catches at most {LARGEST_FRAME:#x}"
            );
            inspection.add(Finding::new(Code::CodeFrame, at, what));
        });
    }
}

/// Reports each instruction of a piece that makes such a frame, with its bytes.
fn frames(piece: Stretch<'_>, mut report: impl FnMut(Address, u64)) {
    let (mut rest, mut at, mut state) = (piece.bytes, piece.address, State::NEW);
    while let Some(Instruction { operation, length }) = decode(rest) {
        if let Some(frame) = state.step(operation).filter(|frame| *frame > LARGEST_FRAME) {
            report(at, frame);
            state = State::NEW;
        }
        at = at.wrapping_add(u64::from(length));
        rest = &rest[usize::from(length)..];
    }
}

/// The state along code without a jump.
#[derive(Clone, Copy, Debug)]
struct State {
    numbers: [Option<i64>; 32],
    /// `sp`, from where it was at first.
    sp: i64,
    /// The lowest place that was touched.
    touched: i64,
}

impl State {
    const NEW: Self = Self { numbers: [None; 32], sp: 0, touched: 0 };

    /// Takes an instruction in, and returns how far `sp` is below what was touched, if it has
    /// moved.
    fn step(&mut self, operation: Operation) -> Option<u64> {
        match operation {
            Operation::Immediate {
                name: ImmediateName::Addi,
                rd: Register::SP,
                source: Register::SP,
                immediate,
            } => {
                return self.move_sp(Some(i64::from(immediate)));
            }
            Operation::Arithmetic { name, rd: Register::SP, left: Register::SP, right } => {
                let number = self.number(right);
                return self.move_sp(match name {
                    ArithmeticName::Add => number,
                    ArithmeticName::Sub => number.map(i64::wrapping_neg),
                    _ => None,
                });
            }
            Operation::Arithmetic {
                name: ArithmeticName::Add,
                rd: Register::SP,
                left,
                right: Register::SP,
            } => {
                return self.move_sp(self.number(left));
            }
            Operation::Lui { rd, value } => self.set(rd, Some(extended(value).cast_signed())),
            Operation::Immediate { name, rd, source, immediate } => {
                let immediate = i64::from(immediate);
                let number = self.number(source);
                self.set(
                    rd,
                    match name {
                        ImmediateName::Addi => number.map(|number| number.wrapping_add(immediate)),
                        ImmediateName::Addiw => number
                            .map(|number| word(number.wrapping_add(immediate).cast_unsigned()).cast_signed()),
                        ImmediateName::Slli => {
                            number.map(|number| number.wrapping_mul(1 << (immediate & 63)))
                        }
                        _ => None,
                    },
                );
            }
            Operation::Jump { .. } | Operation::JumpRegister { .. } | Operation::Branch { .. } => {
                *self = Self::NEW;
            }
            Operation::Store { base: Register::SP, offset, .. }
            | Operation::FloatStore { base: Register::SP, offset, .. }
            | Operation::Load { base: Register::SP, offset, .. }
            | Operation::FloatLoad { base: Register::SP, offset, .. } => {
                self.touched = self.touched.min(self.sp.wrapping_add(i64::from(offset)));
                if let Some(rd) = operation.destination() {
                    self.set(rd, None);
                }
            }
            other => {
                if let Some(rd) = other.destination() {
                    self.set(rd, None);
                }
            }
        }
        None
    }

    /// A move by what is not known is one of a size that the program chooses: what was known of
    /// `sp` is void.
    fn move_sp(&mut self, by: Option<i64>) -> Option<u64> {
        let Some(by) = by else {
            (self.sp, self.touched) = (0, 0);
            return None;
        };
        self.sp = self.sp.wrapping_add(by);
        u64::try_from(self.touched.wrapping_sub(self.sp)).ok()
    }

    fn number(&self, register: Register) -> Option<i64> {
        if register == Register::ZERO { Some(0) } else { *self.numbers.get(register.number())? }
    }

    fn set(&mut self, register: Register, number: Option<i64>) {
        if register == Register::SP {
            (self.sp, self.touched) = (0, 0);
        }
        if let Some(known) = self.numbers.get_mut(register.number()) {
            *known = number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frames in code of these instructions.
    fn found(code: &[u32]) -> Vec<(u64, u64)> {
        let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
        let mut found = Vec::new();
        frames(Stretch { address: Address(0x1000), bytes: &bytes }, |at, frame| found.push((at.0, frame)));
        found
    }

    // llvm-mc --triple=riscv64 --show-encoding
    const ADDI_2032: u32 = 0x8101_0113; // addi sp, sp, -2032
    const SD_RA: u32 = 0x7e11_3423; // sd ra, 2024(sp)
    const SD_0: u32 = 0x0001_3023; // sd zero, 0(sp)
    const LUI_8: u32 = 0x0000_82b7; // lui t0, 8
    const LUI_7: u32 = 0x0000_72b7; // lui t0, 7
    const LUI_1: u32 = 0x0000_12b7; // lui t0, 1
    const SUB: u32 = 0x4051_0133; // sub sp, sp, t0
    const ADD: u32 = 0x0051_0133; // add sp, sp, t0
    const LUI_MINUS_9: u32 = 0xffff_72b7; // lui t0, -9
    const RET: u32 = 0x0000_8067; // ret
    const LD_T0: u32 = 0x0005_3283; // ld t0, 0(a0)

    #[test]
    fn a_frame_larger_than_half_of_the_guard_is_found() {
        assert_eq!(found(&[ADDI_2032, SD_RA, LUI_8, SUB, RET]), [(0x100c, 0x8000 + 2032 - 8)]);
        assert_eq!(found(&[LUI_MINUS_9, ADD, RET]), [(0x1004, 0x9000)]);
    }

    #[test]
    fn a_smaller_frame_is_caught() {
        assert_eq!(found(&[ADDI_2032, SD_RA, LUI_7, SUB, RET, LUI_7, SUB]), []);
        assert_eq!(found(&[LUI_8, SUB]), []);
    }

    #[test]
    fn probes_touch_each_page() {
        let page = [LUI_1, SUB, SD_0];
        assert_eq!(found(&page.repeat(20)), []);
        assert_eq!(found(&[LUI_1, SUB].repeat(9)), [(0x1044, 0x9000)]);
    }

    #[test]
    fn a_size_that_the_program_chooses_is_no_frame() {
        assert_eq!(found(&[LUI_7, SUB, LD_T0, SUB, LUI_7, SUB]), []);
    }
}

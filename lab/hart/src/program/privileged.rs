//! CSRs: those of supervisor mode with all instructions, and those that a hart must not reach.

use landfall_host::random::Random;

use super::assembler::Assembler;
use super::encode::csr;
use super::frame::{SCAUSE, SEPC, SSCRATCH, SSTATUS, STVAL, STVEC};
use super::straight::refresh;
use super::table::{self, Class, Row, word};

const FFLAGS: u32 = 1;
const FRM: u32 = 2;
const FCSR: u32 = 3;
const SIE: u32 = 0x104;
const SCOUNTEREN: u32 = 0x106;
const SIP: u32 = 0x144;
const CYCLE: u32 = 0xc00;
const TIME: u32 = 0xc01;
const INSTRET: u32 = 0xc02;

/// CSRs that may hold any value: no interrupt is enabled while one of them changes.
const FREE: [u32; 5] = [FFLAGS, FRM, FCSR, SCAUSE, STVAL];

/// CSRs on which the program depends: each gets its value back at once.
const BORROWED: [u32; 2] = [STVEC, SSCRATCH];

/// CSRs that only reads reach.
const READ: [u32; 6] = [CYCLE, TIME, INSTRET, SIP, SIE, SSTATUS];

/// CSRs of machine mode, of debuggers, of hypervisors, and numbers without a CSR.
const OTHERS: [u32; 14] =
    [0x300, 0x304, 0x305, 0x341, 0x342, 0xf14, 0x7a0, 0x7b0, 0x600, 0x680, 0x9ff, 0x5c0, 0xcff, 0x000];

/// The bits of `sstatus` that change: SPIE, SPP, SUM, MXR; and FS, to Off or Dirty.
const STATUS: u64 = 0x000c_0120;
const FS: u64 = 3 << 13;

/// The interrupts of supervisor mode.
const INTERRUPTS: u64 = 0x222;

/// The register that keeps a value.
const KEPT: [u32; 2] = [8, 9];

/// Adds instructions.
pub(super) fn add(code: &mut Assembler, random: &mut Random, count: usize) {
    let rows = table::of(Class::Csr);
    // Harts differ in whether a write that changes nothing makes FS dirty.
    code.constant(9, FS);
    code.emit(csr("csrrs", 0, SSTATUS, 9));
    for _ in 0..count {
        match random.below(12) {
            0 => refresh(code, random, &KEPT),
            1 => borrowed(code, random),
            2 => status(code, random),
            3 => masked(code, random, SIE, INTERRUPTS),
            // QEMU 10.0 keeps bit 0 of `sepc`, and the specification does not.
            8 => masked(code, random, SEPC, !1),
            4 => {
                let number = random.pick(&OTHERS);
                let row = random.pick(&rows);
                code.emit(access(row, random, number));
            }
            5 => counters(code, random),
            6 => code.emit(csr("csrrs", word(random) & 31 & !8, random.pick(&READ), 0)),
            7 => {
                // A write to a counter is not permitted.
                code.emit(csr("csrrw", 5, random.pick(&[CYCLE, TIME, INSTRET]), 6));
            }
            _ => {
                let number = random.pick(&FREE);
                let row = random.pick(&rows);
                code.emit(access(row, random, number));
            }
        }
    }
    code.emit(csr("csrrw", 0, SIE, 0));
}

fn access(row: &Row, random: &mut Random, number: u32) -> u32 {
    row.random(random, &KEPT) & 0x000f_ffff | number << 20
}

/// Writes a random value, reads it back, and restores the old one.
fn borrowed(code: &mut Assembler, random: &mut Random) {
    let number = random.pick(&BORROWED);
    // The reserved modes of `stvec` have bit 1: QEMU ignores the write, and Spike clears the bit.
    code.constant(9, random.next_word() & !2);
    code.emit(csr("csrrw", 8, number, 9));
    code.emit(csr("csrrw", 5, number, 8));
}

/// Writes `scounteren` and reads a counter. Harts differ in the bits above TM, CY and IR.
fn counters(code: &mut Assembler, random: &mut Random) {
    code.emit(csr("csrrwi", 5, SCOUNTEREN, word(random) & 7));
    code.emit(csr("csrrs", 6, random.pick(&[CYCLE, TIME, INSTRET]), 0));
    code.emit(csr("csrrwi", 5, SCOUNTEREN, 7));
}

/// Writes the bits of `sstatus` that do not disturb the program, by each instruction.
fn status(code: &mut Assembler, random: &mut Random) {
    let float = if random.coin() { FS } else { 0 };
    code.constant(9, random.next_word() & STATUS | float);
    let name = random.pick(&["csrrs", "csrrc"]);
    code.emit(csr(name, word(random) & 7, SSTATUS, 9));
}

fn masked(code: &mut Assembler, random: &mut Random, number: u32, mask: u64) {
    code.constant(9, random.next_word() & mask);
    code.emit(csr("csrrw", word(random) & 7, number, 9));
}

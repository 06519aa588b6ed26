//! Software interrupts that the hart sends to itself: pending, enabled, taken, nested, in both
//! modes.
//!
//! The timer is left out: two machines have no common time.

use landfall_host::random::Random;

use super::assembler::Assembler;
use super::encode::{csr, immediate, store};
use super::frame::{SCAUSE, SEPC, SSCRATCH, SSTATUS, STVAL};
use super::straight::refresh;
use super::table::{self, Class, word};

const SIE: u32 = 0x104;
const SIP: u32 = 0x144;

/// SSIE and SSIP, and `sstatus.SIE`: the same bit.
const SOFTWARE: u32 = 2;
/// SEIE: nothing makes an external interrupt pending.
const EXTERNAL: u64 = 0x200;
/// `sstatus.SPIE` and `sstatus.SPP`.
const SPIE: u64 = 0x20;
const SPP: u64 = 0x100;
/// The exception of a call of user mode.
const USER_CALL: i32 = 8;

/// Registers of the program: one that counts interrupts, and two for values.
const COUNT: u32 = 28;
const KEPT: [u32; 3] = [8, 9, COUNT];

/// Bytes that a handler saves; a nested one saves behind them.
const SAVED: i32 = 64;
/// Offsets in them.
const X30: i32 = 0;
const X29: i32 = 8;
const X31: i32 = 16;
const RETURN: i32 = 24;
const STATUS: i32 = 32;

/// Adds a handler that can be interrupted. It clears a software interrupt; after each fourth one it
/// sends another, and takes it. It skips other instructions that trap. A call of user mode returns
/// to supervisor mode.
pub(super) fn handler(code: &mut Assembler) {
    let (exception, done) = (code.label(), code.label());
    save(code);
    for number in [STVAL, SIP, SIE, SCAUSE] {
        code.emit(csr("csrrs", 29, number, 0));
    }
    code.branch(table::named("bge").bits | 29 << 15, exception);
    code.emit(csr("csrrci", 30, SIP, SOFTWARE));
    code.emit(immediate("addi", COUNT, COUNT, 1));
    code.emit(immediate("andi", 30, COUNT, 3));
    code.branch(table::named("bne").bits | 30 << 15, done);
    code.emit(csr("csrrsi", 30, SIP, SOFTWARE));
    code.emit(csr("csrrsi", 30, SSTATUS, SOFTWARE));
    code.emit(csr("csrrci", 30, SSTATUS, SOFTWARE));
    code.jump(0, done);
    code.place(exception);
    code.emit(immediate("ld", 30, 31, RETURN - SAVED));
    code.emit(immediate("addi", 30, 30, 4));
    code.emit(store("sd", 30, 31, RETURN - SAVED));
    code.emit(immediate("addi", 30, 0, USER_CALL));
    code.branch(table::named("bne").bits | 29 << 15 | 30 << 20, done);
    code.emit(immediate("ld", 30, 31, STATUS - SAVED));
    code.emit(immediate("ori", 30, 30, 0x100));
    code.emit(store("sd", 30, 31, STATUS - SAVED));
    code.place(done);
    restore(code);
    code.emit(table::named("sret").bits);
}

/// Adds code that frees x29 to x31 and keeps the CSRs that a nested trap overwrites.
fn save(code: &mut Assembler) {
    code.emit(csr("csrrw", 31, SSCRATCH, 31));
    code.emit(store("sd", 30, 31, X30));
    code.emit(store("sd", 29, 31, X29));
    for (number, offset) in [(SSCRATCH, X31), (SEPC, RETURN), (SSTATUS, STATUS)] {
        code.emit(csr("csrrs", 30, number, 0));
        code.emit(store("sd", 30, 31, offset));
    }
    code.emit(immediate("addi", 31, 31, SAVED));
    code.emit(csr("csrrw", 0, SSCRATCH, 31));
}

fn restore(code: &mut Assembler) {
    for (number, offset) in [(SEPC, RETURN), (SSTATUS, STATUS)] {
        code.emit(immediate("ld", 30, 31, offset - SAVED));
        code.emit(csr("csrrw", 0, number, 30));
    }
    code.emit(immediate("addi", 31, 31, -SAVED));
    code.emit(csr("csrrw", 0, SSCRATCH, 31));
    for (register, offset) in [(30, X30), (29, X29), (31, X31)] {
        code.emit(immediate("ld", register, 31, offset));
    }
}

/// Adds instructions.
pub(super) fn add(code: &mut Assembler, random: &mut Random, count: usize) {
    let computations = table::of(Class::Integer);
    for _ in 0..count / 2 {
        match random.below(12) {
            0 => refresh(code, random, &KEPT),
            1 | 2 => masked(code, random, SIP, SOFTWARE.into()),
            3 => masked(code, random, SIE, u64::from(SOFTWARE) | EXTERNAL),
            4 => masked(code, random, SSTATUS, u64::from(SOFTWARE) | SPIE | SPP),
            5 | 6 => toggled(code, random),
            7 => wait(code, random),
            8 => code.emit(table::named("ebreak").bits),
            9 => to_mode(code, random, &computations),
            _ => code.emit(random.pick(&computations).random(random, &KEPT)),
        }
    }
    code.emit(csr("csrrci", 0, SSTATUS, SOFTWARE));
}

/// Sets or clears bits of a CSR by an operand in a register, and reads the old ones.
fn masked(code: &mut Assembler, random: &mut Random, number: u32, mask: u64) {
    code.constant(9, random.next_word() & mask);
    let name = random.pick(&["csrrs", "csrrc", "csrrs"]);
    code.emit(csr(name, word(random) & 7, number, 9));
}

/// Sets or clears the bit of software interrupts of one of three CSRs.
fn toggled(code: &mut Assembler, random: &mut Random) {
    let name = random.pick(&["csrrsi", "csrrci", "csrrsi"]);
    let number = random.pick(&[SIP, SIE, SSTATUS]);
    code.emit(csr(name, word(random) & 7, number, SOFTWARE));
}

/// Waits with an interrupt pending and enabled, but held back by SIE.
fn wait(code: &mut Assembler, random: &mut Random) {
    code.emit(csr("csrrci", word(random) & 7, SSTATUS, SOFTWARE));
    code.emit(csr("csrrsi", 0, SIE, SOFTWARE));
    code.emit(csr("csrrsi", 0, SIP, SOFTWARE));
    code.emit(table::named("wfi").bits);
    if random.coin() {
        code.emit(csr("csrrsi", 0, SSTATUS, SOFTWARE));
    }
}

/// Returns from a trap that did not happen: to the next instruction, in either mode. User mode is
/// left by a call. A pending interrupt that is enabled comes first.
fn to_mode(code: &mut Assembler, random: &mut Random, computations: &[&table::Row]) {
    let (there, user) = (code.label(), random.coin());
    code.emit(csr("csrrci", 0, SSTATUS, SOFTWARE));
    code.address(9, there);
    code.emit(csr("csrrw", 0, SEPC, 9));
    code.constant(9, SPP);
    code.emit(csr(if user { "csrrc" } else { "csrrs" }, 0, SSTATUS, 9));
    code.constant(9, SPIE);
    code.emit(csr(random.pick(&["csrrc", "csrrs"]), 0, SSTATUS, 9));
    code.emit(table::named("sret").bits);
    code.place(there);
    for _ in 0..random.below(4) {
        code.emit(random.pick(computations).random(random, &KEPT));
    }
    if user {
        code.emit(table::named("ecall").bits);
    }
}

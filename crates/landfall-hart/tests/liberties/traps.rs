//! Programs for the liberties of CSRs, traps and the start.

use landfall_hart::config::Mode;
use landfall_hart::liberty::Liberty;

use crate::assemble::Code;
use crate::encode::*;
use crate::order::{HSM, start_other};
use crate::program::{Care, Program};
use crate::tables::*;

pub(crate) const PROGRAMS: &[Program] = &[
    Program::new(Liberty::Wfi, 60, wfi),
    Program::new(Liberty::LateInterrupt, 60, late_interrupt),
    Program { harts: 2, ..Program::new(Liberty::Pace, 32, pace) },
    Program::new(Liberty::RandomRegisters, 60, random_registers),
    Program::new(Liberty::RandomMemory, 60, random_memory),
    Program { harts: 2, ..Program::new(Liberty::LateHart, 16, late_hart) },
    Program::new(Liberty::SeedWait, 60, seed_wait),
    Program::new(Liberty::Warl, 48, warl),
    Program::new(Liberty::AbsentCsr, 32, absent_csr),
    Program::new(Liberty::MoreCsrs, 24, more_csrs),
    Program { tables: plain, widest: Some(Mode::Sv39), ..Program::new(Liberty::C910Satp, 60, c910_satp) },
];

const SPI: u64 = 0x0073_5049;
/// A word that is zero on an ordinary machine.
const WORD: u64 = 0x8050_0000;

/// Waits once for a timer.
fn wfi(code: &mut Code, care: Care) {
    code.li(T0, 0x20);
    code.put(&[csrrw(ZERO, SIE, T0)]);
    code.li(S1, 100);
    code.label("again");
    code.put(&[csrr(A0, TIME), addi(A0, A0, 100), csrrw(ZERO, STIMECMP, A0)]);
    code.label("wait");
    code.put(&[WFI, csrr(A1, TIME)]);
    code.branch(BLTU, A1, A0, if care == Care::Taken { "wait" } else { "fail" });
    code.put(&[addi(S1, S1, -1)]);
    code.branch(BNE, S1, ZERO, "again");
}

/// Sends an interrupt to its own hart, and goes on as if it had been taken.
fn late_interrupt(code: &mut Code, care: Care) {
    code.trap_to("handler");
    code.put(&[csrsi(SIE, 2), csrsi(SSTATUS, 2)]);
    code.li(S1, 20);
    code.label("again");
    code.put(&[addi(S0, ZERO, 0)]);
    code.sbi(SPI, 0, &[1, 0]);
    if care == Care::Taken {
        code.label("wait");
        code.branch(BEQ, S0, ZERO, "wait");
    } else {
        code.branch(BEQ, S0, ZERO, "fail");
    }
    code.put(&[addi(S1, S1, -1)]);
    code.branch(BNE, S1, ZERO, "again");
    // On each machine, a write of `sip` or `sstatus` lets the interrupt come before what follows.
    code.put(&[addi(S0, ZERO, 0), csrsi(SIP, 2)]);
    code.branch(BEQ, S0, ZERO, "fail");
    code.put(&[csrci(SSTATUS, 2), csrsi(SIP, 2), addi(S0, ZERO, 0), csrsi(SSTATUS, 2)]);
    code.branch(BEQ, S0, ZERO, "fail");
    code.jump("pass");
    code.label("handler");
    code.put(&[csrci(SIP, 2), addi(S0, ZERO, 1), SRET]);
}

/// Expects another hart to be about as fast.
fn pace(code: &mut Code, care: Care) {
    start_other(code, "other");
    code.li(S0, WORD);
    code.li(S1, 2000);
    code.label("wait");
    code.put(&[addi(S1, S1, -1)]);
    code.branch(BNE, S1, ZERO, "wait");
    code.li(S1, 500);
    code.label("look");
    code.put(&[ld(A0, S0, 0)]);
    code.branch(BLTU, A0, S1, if care == Care::Taken { "look" } else { "fail" });
    if care == Care::Missing {
        code.li(S1, 2000);
        code.branch(BLTU, S1, A0, "fail");
    }
    code.jump("pass");
    code.label("other");
    code.li(S0, WORD);
    code.li(S1, 0);
    code.label("count");
    code.put(&[addi(S1, S1, 1), sd(S1, S0, 0)]);
    code.jump("count");
}

/// Expects registers to be 0.
fn random_registers(code: &mut Code, care: Care) {
    if care == Care::Taken {
        code.put(&[addi(S0, ZERO, 0)]);
    }
    code.expect(S0, 0);
}

/// Expects memory to be 0.
fn random_memory(code: &mut Code, care: Care) {
    code.li(S0, WORD);
    if care == Care::Taken {
        code.put(&[sd(ZERO, S0, 0)]);
    }
    code.put(&[ld(A0, S0, 0)]);
    code.expect(A0, 0);
}

/// Expects a started hart soon. With care it waits longer, and goes on without it.
fn late_hart(code: &mut Code, care: Care) {
    start_other(code, "other");
    code.li(S0, WORD);
    code.li(S1, if care == Care::Taken { 10_000 } else { 1000 });
    code.label("wait");
    code.put(&[ld(A0, S0, 0)]);
    code.branch(BNE, A0, ZERO, "pass");
    code.put(&[addi(S1, S1, -1)]);
    code.branch(BNE, S1, ZERO, "wait");
    code.jump(if care == Care::Taken { "pass" } else { "fail" });
    code.label("other");
    code.li(S0, WORD);
    code.li(S1, 1);
    code.put(&[sd(S1, S0, 0)]);
    code.sbi(HSM, 1, &[]);
}

/// Takes the first read of the entropy source for entropy.
fn seed_wait(code: &mut Code, care: Care) {
    code.li(S0, 16);
    code.label("read");
    code.put(&[csrrw(A0, SEED, ZERO), srli(A0, A0, 30)]);
    if care == Care::Taken {
        code.put(&[addi(A1, ZERO, 3)]);
        // A dead source has none to give.
        code.branch(BEQ, A0, A1, "pass");
        code.put(&[addi(A1, ZERO, 2)]);
        code.branch(BNE, A0, A1, "read");
    } else {
        code.expect(A0, 2);
    }
    code.put(&[addi(S0, S0, -1)]);
    code.branch(BNE, S0, ZERO, "read");
}

/// Expects each bit of `scounteren` to be there.
fn warl(code: &mut Code, care: Care) {
    code.li(A0, 0xffff_ffff);
    code.put(&[csrrw(ZERO, SCOUNTEREN, A0), csrr(A1, SCOUNTEREN)]);
    if care == Care::Taken {
        code.put(&[csrrw(ZERO, SCOUNTEREN, A1), csrr(A0, SCOUNTEREN)]);
    }
    code.branch(BNE, A0, A1, "fail");
}

/// Reads counters that are optional.
fn absent_csr(code: &mut Code, care: Care) {
    code.trap_to(if care == Care::Taken { "handler" } else { "fail" });
    code.put(&[csrr(A0, CYCLE), csrr(A0, HPMCOUNTER3)]);
    code.jump("pass");
    code.skipping_handler("handler");
}

/// Expects that `scontext` and `sstateen0` hold nothing. With care, it clears them.
fn more_csrs(code: &mut Code, care: Care) {
    code.trap_to("handler");
    for number in [SCONTEXT, SSTATEEN0] {
        code.li(A1, 1);
        code.put(&[csrrw(ZERO, number, A1)]);
        if care == Care::Taken {
            code.put(&[csrrw(ZERO, number, ZERO)]);
        }
        code.li(A0, 0);
        code.put(&[csrr(A0, number)]);
        code.expect(A0, 0);
    }
    code.jump("pass");
    code.skipping_handler("handler");
}

/// Probes a wider mode while translation is on.
fn c910_satp(code: &mut Code, care: Care) {
    code.translate(0);
    code.put(&[csrr(S1, SATP)]);
    code.li(T0, 2 << 60);
    // From Sv39 to Sv57.
    code.put(&[or(T0, T0, S1), csrrw(ZERO, SATP, T0)]);
    if care == Care::Taken {
        code.put(&[csrrw(ZERO, SATP, S1), sfence_vma(ZERO, ZERO)]);
    }
    code.put(&[csrr(A0, SATP)]);
    code.branch(BNE, A0, S1, "fail");
    code.expect_window(OLD_WORD);
}

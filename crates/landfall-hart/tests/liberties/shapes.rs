//! Programs for the liberties that shape the machine.

use landfall_hart::liberty::Liberty;

use crate::assemble::Code;
use crate::encode::*;
use crate::order::HSM;
use crate::program::{Care, Program};
use crate::tables::*;

pub(crate) const PROGRAMS: &[Program] = &[
    Program::new(Liberty::Misaligned, 16, misaligned),
    Program {
        tables: plain,
        needs: &[Liberty::StaleRoot],
        ..Program::new(Liberty::AsidLength, 48, asid_length)
    },
    Program { tables: identity, ..Program::new(Liberty::Modes, 32, modes) },
    Program::new(Liberty::AbsentExtension, 32, absent_extension),
    Program::new(Liberty::NoTime, 16, no_time),
    Program { harts: 2, ..Program::new(Liberty::HartIds, 48, hart_ids) },
    Program::new(Liberty::Devices, 48, devices),
    Program::new(Liberty::Placement, 60, placement),
];

const BUFFER: u64 = 0x8050_0000;

/// Loads and stores across the boundary of a doubleword.
fn misaligned(code: &mut Code, care: Care) {
    code.trap_to("fail");
    code.li(S0, BUFFER);
    code.li(A0, 0x55);
    if care == Care::Taken {
        code.put(&[sb(A0, S0, 9), lbu(A1, S0, 9)]);
    } else {
        code.put(&[sd(A0, S0, 9), ld(A1, S0, 9)]);
    }
    code.branch(BNE, A0, A1, "fail");
}

/// Changes the root with an ASID whose high bit alone differs.
fn asid_length(code: &mut Code, care: Care) {
    code.translate(1);
    code.expect_window(OLD_WORD);
    code.root(OTHER_ROOT, 0x8001);
    if care == Care::Taken {
        code.put(&[sfence_vma(ZERO, ZERO)]);
    }
    code.expect_window(NEW_WORD);
}

/// An identity in each mode: the first entry in Sv48 and Sv57, the third one in Sv39.
fn identity() -> Vec<(u64, u64)> {
    vec![(ROOT, leaf(0, LEAF)), (ROOT + 16, leaf(0x8000_0000, LEAF))]
}

/// Turns on Sv57. With care it falls back to Sv48 and Sv39.
fn modes(code: &mut Code, care: Care) {
    code.trap_to("fail");
    let all: &[u64] = if care == Care::Taken { &[10, 9, 8] } else { &[10] };
    for mode in all {
        code.li(T0, mode << 60 | ROOT >> 12);
        code.put(&[csrrw(ZERO, SATP, T0), sfence_vma(ZERO, ZERO), csrr(T1, SATP)]);
        code.branch(BEQ, T0, T1, "pass");
    }
    code.jump("fail");
}

/// Uses Sstc and Svinval.
fn absent_extension(code: &mut Code, care: Care) {
    code.trap_to(if care == Care::Taken { "handler" } else { "fail" });
    code.put(&[csrr(A0, STIMECMP), sinval_vma(ZERO, ZERO)]);
    code.jump("pass");
    code.skipping_handler("handler");
}

/// Reads `time`.
fn no_time(code: &mut Code, care: Care) {
    code.trap_to(if care == Care::Taken { "handler" } else { "fail" });
    code.put(&[csrr(A0, TIME)]);
    code.jump("pass");
    code.skipping_handler("handler");
}

/// Expects to boot on hart 0. With care it asks the firmware about its own id.
fn hart_ids(code: &mut Code, care: Care) {
    if care == Care::Taken {
        code.li(A6, 2);
        code.li(A7, HSM);
        code.put(&[ECALL, or(A0, A0, A1)]);
    }
    code.expect(A0, 0);
}

/// Writes to the ns16550 of `virt`. With care it asks the firmware to print.
fn devices(code: &mut Code, care: Care) {
    const UART: u64 = 0x1000_0000;
    code.trap_to("fail");
    if care == Care::Taken {
        code.sbi(1, 0, &[0x21]);
        code.jump("pass");
    }
    code.li(S0, UART);
    code.li(A0, 0x21);
    // The scratch register, then the transmitter.
    code.put(&[sb(A0, S0, 7), lbu(A1, S0, 7), sb(A0, S0, 0)]);
    code.branch(BNE, A0, A1, "fail");
}

/// Expects to run at 2 MiB from the start of `virt`'s RAM.
fn placement(code: &mut Code, care: Care) {
    code.label("here");
    code.la(A0, "here");
    code.put(&[auipc(A1, 0), addi(A1, A1, -8)]);
    if care == Care::Taken {
        code.branch(BEQ, A0, A1, "pass");
    }
    code.expect(A0, 0x8020_0000);
}

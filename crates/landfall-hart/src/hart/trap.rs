//! Traps: their causes, entry and return.

use super::csr::status;
use super::{Hart, Privilege};

/// A trap, before it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trap {
    /// The cause, as `scause` encodes it.
    pub(crate) cause: Cause,
    /// The value of `stval`.
    pub(crate) value: u64,
}

/// The cause of an exception.
///
/// With C, no instruction is misaligned (0). The firmware takes the calls of supervisor mode (9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Cause {
    /// A fetch where no memory is.
    InstructionAccess = 1,
    /// An instruction that is invalid or not permitted.
    IllegalInstruction = 2,
    /// `ebreak`.
    Breakpoint = 3,
    /// A load at an address that is not aligned.
    LoadMisaligned = 4,
    /// A load where no memory is.
    LoadAccess = 5,
    /// A store or AMO at an address that is not aligned.
    StoreMisaligned = 6,
    /// A store or AMO where no memory is.
    StoreAccess = 7,
    /// `ecall` from user mode.
    UserCall = 8,
    /// A fetch through an entry that forbids it.
    InstructionPage = 12,
    /// A load through an entry that forbids it.
    LoadPage = 13,
    /// A store or AMO through an entry that forbids it.
    StorePage = 15,
}

/// Why an instruction did not simply retire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It trapped; `sepc` becomes the instruction's own address.
    Trap(Trap),
    /// `ecall` from supervisor mode; the call runs, then the next instruction.
    Call,
    /// `wfi` was executed and has retired.
    Wait,
    /// The loop of instructions ends here: interrupts, privilege or translation may have changed.
    /// The instruction has retired.
    Resync,
    /// As [`Exit::Resync`]. A pending interrupt comes at once: `sret` was executed, or `sstatus`,
    /// `sie` or `sip` was written.
    Evaluate,
}

impl From<Trap> for Exit {
    fn from(trap: Trap) -> Self {
        Self::Trap(trap)
    }
}

impl Trap {
    /// Returns a trap.
    pub(crate) const fn new(cause: Cause, value: u64) -> Self {
        Self { cause, value }
    }
}

/// The result of a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Entry {
    /// The hart continues at its trap vector.
    Taken,
    /// SDT was set, so the hart cannot take it: a double trap (Ssdbltrp). Nothing has changed.
    Double,
}

/// Takes a trap. `pc` is the address of the instruction that trapped.
pub(crate) fn enter(hart: &mut Hart, trap: Trap) -> Entry {
    let target = hart.csrs.stvec & !3;
    save(hart, trap.cause as u64, trap.value, target)
}

/// Takes an interrupt. `pc` is the address of the instruction that is next.
pub(crate) fn enter_interrupt(hart: &mut Hart, number: u64) -> Entry {
    let base = hart.csrs.stvec & !3;
    let vectored = hart.csrs.stvec & 3 == 1;
    let target = if vectored { base.wrapping_add(4 * number) } else { base };
    save(hart, 1 << 63 | number, 0, target)
}

/// Saves the state of the interrupted code, and moves to `target` in supervisor mode.
fn save(hart: &mut Hart, cause: u64, value: u64, target: u64) -> Entry {
    let csrs = &mut hart.csrs;
    if csrs.sstatus & status::SDT != 0 {
        return Entry::Double;
    }
    csrs.sepc = hart.implementation.address(hart.pc);
    csrs.scause = cause;
    csrs.stval = hart.implementation.address(value);
    let mut sstatus = csrs.sstatus & !(status::SIE | status::SPIE | status::SPP);
    if csrs.sstatus & status::SIE != 0 {
        sstatus |= status::SPIE;
    }
    if hart.privilege == Privilege::Supervisor {
        sstatus |= status::SPP;
    }
    if hart.features.double_trap {
        sstatus |= status::SDT;
    }
    csrs.sstatus = sstatus;
    hart.privilege = Privilege::Supervisor;
    hart.pc = target;
    Entry::Taken
}

/// Executes `sret`. The caller has checked the privilege mode.
pub(crate) fn return_from(hart: &mut Hart) {
    let before = hart.csrs.sstatus;
    let mut sstatus = before & !(status::SIE | status::SPP | status::SDT) | status::SPIE;
    if before & status::SPIE != 0 {
        sstatus |= status::SIE;
    }
    hart.privilege = if before & status::SPP != 0 { Privilege::Supervisor } else { Privilege::User };
    hart.csrs.sstatus = sstatus;
    hart.pc = hart.csrs.sepc;
}

//! Traps: their causes, entry and return.

use crate::hart::Hart;
use crate::world::World;

/// A trap, before it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trap {
    /// The cause, as `scause` encodes it.
    pub(crate) cause: Cause,
    /// The value of `stval`.
    pub(crate) value: u64,
}

/// The cause of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Cause {
    /// An instruction at an address that is not aligned. With C there is none.
    InstructionMisaligned = 0,
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
    /// `ecall` from supervisor mode: the SBI's.
    SupervisorCall = 9,
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

/// Executes `sret`.
pub(crate) fn return_from(_hart: &mut Hart, _world: &mut World) {
    todo!()
}

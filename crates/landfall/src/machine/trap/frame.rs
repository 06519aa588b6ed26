//! The registers of an interrupted hart.

/// The registers of a hart when a trap interrupted it; trap.s knows the offsets.
///
/// When the handler returns, the hart goes on with the values in the frame. Reading them is safe. Changing them decides what code runs next, and with which values, so
/// it is not.
#[derive(Clone, Debug)]
#[repr(C, align(16))]
pub struct TrapFrame {
    registers: [u64; 32],
    sepc: u64,
    sstatus: u64,
    scause: u64,
    stval: u64,
    floats: [u64; 32],
    fcsr: u64,
    hart: u64,
}

impl TrapFrame {
    /// Returns register `x0` to `x31` by its number; `None` for a larger one.
    #[must_use]
    pub fn register(&self, number: usize) -> Option<u64> {
        self.registers.get(number).copied()
    }

    /// Returns the stack pointer, `x2`.
    #[must_use]
    pub const fn sp(&self) -> u64 {
        self.registers[2]
    }

    /// Returns the address of the instruction that was interrupted, or that trapped.
    #[must_use]
    pub const fn sepc(&self) -> u64 {
        self.sepc
    }

    /// Returns `sstatus` as the trap left it: SPP is the mode that was interrupted.
    #[must_use]
    pub const fn sstatus(&self) -> u64 {
        self.sstatus
    }

    /// Returns the cause: the highest bit is set for an interrupt.
    #[must_use]
    pub const fn scause(&self) -> u64 {
        self.scause
    }

    /// Returns the value that came with the trap: an address at fault, an instruction, or 0.
    #[must_use]
    pub const fn stval(&self) -> u64 {
        self.stval
    }

    /// Returns the id of the hart.
    #[must_use]
    pub const fn hart(&self) -> u64 {
        self.hart
    }

    /// Changes the address at which the hart goes on.
    ///
    /// # Safety
    /// Code begins there that may run with the registers of this frame.
    pub const unsafe fn set_sepc(&mut self, sepc: u64) {
        self.sepc = sepc;
    }

    /// Changes the `sstatus` with which the hart goes on: mode, interrupts, access to user memory.
    ///
    /// # Safety
    /// The interrupted code may run so.
    pub const unsafe fn set_sstatus(&mut self, sstatus: u64) {
        self.sstatus = sstatus;
    }

    /// Changes register `x1` to `x31` by its number; `x0` and larger numbers are left alone.
    ///
    /// # Safety
    /// The interrupted code may go on with it.
    pub unsafe fn set_register(&mut self, number: usize, value: u64) {
        if let (Some(register), 1..) = (self.registers.get_mut(number), number) {
            *register = value;
        }
    }
}

// The offsets that trap.s uses.
const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(TrapFrame, sepc) == 256);
    assert!(offset_of!(TrapFrame, sstatus) == 264);
    assert!(offset_of!(TrapFrame, scause) == 272);
    assert!(offset_of!(TrapFrame, stval) == 280);
    assert!(offset_of!(TrapFrame, floats) == 288);
    assert!(offset_of!(TrapFrame, fcsr) == 544);
    assert!(offset_of!(TrapFrame, hart) == 552);
    assert!(size_of::<TrapFrame>() == 560);
};

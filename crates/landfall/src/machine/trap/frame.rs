//! The registers of an interrupted hart.

/// The registers of a hart when a trap interrupted it; trap.s knows the offsets.
///
/// When the handler returns, the hart continues with the values in the frame. Reading them is safe.
/// Changing them decides which code runs next, and with which values, so it is unsafe. For the same
/// reason a frame cannot be cloned: a handler could assign the clone of an older one.
/// [`save`](Self::save) copies it.
///
/// The floating-point registers are 0 in a frame if they were off. A handler that turns them on by
/// [`set_sstatus`](Self::set_sstatus) discloses nothing of the kernel's.
#[derive(Debug)]
#[repr(transparent)]
pub struct TrapFrame(Contents);

#[derive(Clone, Debug)]
#[repr(C, align(16))]
struct Contents {
    registers: [u64; 32],
    sepc: u64,
    sstatus: u64,
    scause: u64,
    stval: u64,
    floats: [u64; 32],
    fcsr: u64,
    hart: u64,
}

/// A copy of a frame, such as that of a thread that waits.
#[derive(Debug)]
pub struct SavedFrame(TrapFrame);

impl SavedFrame {
    /// Returns the frame, to read it.
    #[must_use]
    pub const fn frame(&self) -> &TrapFrame {
        &self.0
    }
}

impl TrapFrame {
    /// Returns register `x0` to `x31` by its number; `None` for a larger one.
    #[must_use]
    pub fn register(&self, number: usize) -> Option<u64> {
        self.0.registers.get(number).copied()
    }

    /// Returns the stack pointer, `x2`.
    #[must_use]
    pub const fn sp(&self) -> u64 {
        self.0.registers[2]
    }

    /// Returns the address of the instruction that was interrupted, or that trapped.
    #[must_use]
    pub const fn sepc(&self) -> u64 {
        self.0.sepc
    }

    /// Returns `sstatus` as the trap left it: SPP is the mode that was interrupted.
    #[must_use]
    pub const fn sstatus(&self) -> u64 {
        self.0.sstatus
    }

    /// Returns the cause: the highest bit is set for an interrupt.
    #[must_use]
    pub const fn scause(&self) -> u64 {
        self.0.scause
    }

    /// Returns the value that came with the trap: an address at fault, an instruction, or 0.
    #[must_use]
    pub const fn stval(&self) -> u64 {
        self.0.stval
    }

    /// Returns the id of the hart.
    #[must_use]
    pub const fn hart(&self) -> u64 {
        self.0.hart
    }

    /// Changes the address at which the hart goes on.
    ///
    /// # Safety
    /// Code begins there that may run with the registers of this frame.
    pub const unsafe fn set_sepc(&mut self, sepc: u64) {
        self.0.sepc = sepc;
    }

    /// Changes the `sstatus` with which the hart goes on: mode, interrupts, access to user memory.
    ///
    /// # Safety
    /// The interrupted code may run so.
    pub const unsafe fn set_sstatus(&mut self, sstatus: u64) {
        self.0.sstatus = sstatus;
    }

    /// Changes register `x1` to `x31` by its number; `x0` and larger numbers are left alone.
    ///
    /// # Safety
    /// The interrupted code may go on with it.
    pub unsafe fn set_register(&mut self, number: usize, value: u64) {
        if let (Some(register), 1..) = (self.0.registers.get_mut(number), number) {
            *register = value;
        }
    }

    /// Copies the frame.
    #[must_use]
    pub fn save(&self) -> SavedFrame {
        SavedFrame(Self(self.0.clone()))
    }

    /// Replaces all values of the frame but the id of the hart by those of a saved one.
    ///
    /// # Safety
    /// The code that the saved frame interrupted may continue on this hart. Its stack holds what it
    /// held then, unless user mode was interrupted.
    pub unsafe fn restore(&mut self, saved: &SavedFrame) {
        self.0 = Contents { hart: self.0.hart, ..saved.0.0.clone() };
    }
}

// The offsets that trap.s uses.
const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(Contents, sepc) == 256);
    assert!(offset_of!(Contents, sstatus) == 264);
    assert!(offset_of!(Contents, scause) == 272);
    assert!(offset_of!(Contents, stval) == 280);
    assert!(offset_of!(Contents, floats) == 288);
    assert!(offset_of!(Contents, fcsr) == 544);
    assert!(offset_of!(Contents, hart) == 552);
    assert!(size_of::<TrapFrame>() == 560);
};

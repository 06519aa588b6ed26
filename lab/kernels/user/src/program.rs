//! The program that runs in user mode, and the way in.

use core::arch::{asm, global_asm};

use crate::tables::CODE;

/// `x0` to `x31`.
pub(crate) type Registers = [u64; 32];

global_asm!(include_str!("program.s"));

/// Supervisor's previous privilege: 0 is user mode.
pub(crate) const SPP: u64 = 1 << 8;
const SPIE: u64 = 1 << 5;
/// State of the floating-point registers: 0 is off.
pub(crate) const FS: u64 = 3 << 13;
pub(crate) const FS_INITIAL: u64 = 1 << 13;

macro_rules! labels {
    ($($name:ident = $symbol:ident),* $(,)?) => {
        unsafe extern "C" {
            static user_program: u8;
            static user_program_end: u8;
            $(static $symbol: u8;)*
        }

        /// Places in the program.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Label { $($name),* }

        impl Label {
            fn in_image(self) -> *const u8 {
                match self { $(Self::$name => &raw const $symbol),* }
            }
        }
    };
}

labels! {
    Call = user_call,
    Fill = user_fill,
    FillCall = user_fill_call,
    Load = user_load,
    Store = user_store,
    Jump = user_jump,
    Stack = user_stack,
    StackCall = user_stack_call,
    Floats = user_floats,
    FloatsCall = user_floats_call,
    KeptCall = user_kept_call,
    NoFloats = user_no_floats,
    NoFloatsCall = user_no_floats_call,
}

impl Label {
    /// Returns the address in user mode.
    pub(crate) fn address(self) -> u64 {
        CODE + (self.in_image().addr() - (&raw const user_program).addr()) as u64
    }

    /// Returns the address of the instruction behind this one.
    pub(crate) fn next(self) -> u64 {
        self.address() + 4
    }
}

/// Returns the program.
pub(crate) fn bytes() -> &'static [u8] {
    let start = &raw const user_program;
    let size = (&raw const user_program_end).addr() - start.addr();
    // SAFETY: the program lies between both symbols, among the constants.
    unsafe { core::slice::from_raw_parts(start, size) }
}

/// Makes this hart use tables that hold everything that the landing's do, and fetch the program
/// from them.
pub(crate) fn use_tables(satp: u64) {
    // SAFETY: the upper halves are equal.
    unsafe {
        asm!(
            "sfence.vma",
            "csrw satp, {}",
            "sfence.vma",
            "fence.i",
            in(reg) satp,
            options(nostack, preserves_flags),
        );
    };
}

/// Enters user mode without floating-point registers.
pub(crate) fn enter(pc: u64, registers: &Registers) -> ! {
    unsafe extern "C" {
        fn user_enter(registers: &Registers, pc: u64, sstatus: u64) -> !;
    }
    let sstatus: u64;
    // SAFETY: it reads a register.
    unsafe { asm!("csrr {}, sstatus", out(reg) sstatus, options(nomem, nostack, preserves_flags)) };
    // SAFETY: user mode reaches nothing of the kernel, and traps find their stack empty.
    unsafe { user_enter(registers, pc, sstatus & !(SPP | SPIE | FS)) }
}

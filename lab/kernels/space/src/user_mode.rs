//! The way into user mode and back. The kernel's stack stays as it is meanwhile: traps from user
//! mode begin on a stack for them alone.

use core::arch::{asm, global_asm};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU64, Ordering};

use landfall::address::{VirtAddr, VirtRange};
use landfall::trap::{TrapFrame, use_stack};
use landfall::{HartIndex, Landing};

const HARTS: usize = 8;
const STACK: usize = 16 << 10;

/// The program: it loads the word at `a0`, stores `a1` behind it, and returns what it has loaded.
/// `ld a2, 0(a0)`, `sd a1, 8(a0)`, `mv a0, a2`, `ecall`.
pub(crate) const PROGRAM: [u32; 4] = [0x0005_3603, 0x00b5_3423, 0x0006_0513, 0x0000_0073];

#[repr(C, align(4096))]
struct TrapStacks(UnsafeCell<[[u8; STACK]; HARTS]>);

// SAFETY: each hart uses its own.
unsafe impl Sync for TrapStacks {}

static STACKS: TrapStacks = TrapStacks(UnsafeCell::new([[0; STACK]; HARTS]));

/// The kernel's stack pointer of each hart while it is in user mode.
static KERNEL_SP: [AtomicU64; HARTS] = [const { AtomicU64::new(0) }; HARTS];

global_asm!(
    ".section .text.user_mode, \"ax\", @progbits",
    ".global user_mode_enter, user_mode_left",
    "user_mode_enter:", // a0: the first address, a1 and a2: arguments, a3: the place for sp
    "    addi    sp, sp, -112",
    "    sd      ra, 0(sp)",
    ".irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11",
    "    sd      s\\number, 8 + 8 * \\number(sp)",
    ".endr",
    "    sd      sp, 0(a3)",
    "    csrw    sepc, a0",
    "    li      t0, 0x120", // SPP and SPIE
    "    csrc    sstatus, t0",
    "    mv      a0, a1",
    "    mv      a1, a2",
    "    sret",
    "user_mode_left:",
    "    ld      ra, 0(sp)",
    ".irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11",
    "    ld      s\\number, 8 + 8 * \\number(sp)",
    ".endr",
    "    addi    sp, sp, 112",
    "    ret",
);

unsafe extern "C" {
    fn user_mode_enter(entry: u64, first: u64, second: u64, sp: *const AtomicU64) -> u64;
    safe fn user_mode_left();
}

pub(crate) fn stack_pointer() -> u64 {
    let sp: u64;
    // SAFETY: it reads a register.
    unsafe { asm!("mv {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

/// Returns the hart whose stack for traps holds an address, or ends there.
pub(crate) fn hart_of(sp: u64) -> Option<HartIndex> {
    let offset = sp.wrapping_sub(STACKS.0.get().addr() as u64);
    (offset != 0 && offset <= (STACK * HARTS) as u64).then(|| HartIndex::new((offset - 1) / STACK as u64))
}

fn trap_stack(hart: HartIndex) -> VirtRange {
    let first = STACKS.0.get().expose_provenance() as u64;
    VirtRange::new(VirtAddr::new(first + hart.get() * STACK as u64), STACK as u64)
}

/// Runs the program at `entry` in user mode up to its call, and returns what it returns.
///
/// # Safety
/// The calling hart, `hart`, is in an address space with [`PROGRAM`] at `entry`.
pub(crate) unsafe fn run(
    landing: &'static Landing,
    hart: HartIndex,
    entry: u64,
    first: u64,
    second: u64,
) -> u64 {
    let before: u64;
    // SAFETY: interrupts are off while `sp` is in none of the entry's stacks.
    unsafe { asm!("csrrci {}, sstatus, 2", out(reg) before, options(nostack)) };
    // SAFETY: the stack is this hart's own, and `sp` leaves the old one at once.
    unsafe { use_stack(trap_stack(hart)) };
    // SAFETY: the call returns by `leave`.
    let result = unsafe { user_mode_enter(entry, first, second, &raw const KERNEL_SP[hart.get() as usize]) };
    // SAFETY: `sp` is in this stack.
    unsafe { use_stack(landing.stack(hart)) };
    // SAFETY: as it was.
    unsafe { asm!("csrs sstatus, {}", in(reg) before & 2, options(nostack)) };
    result
}

/// Makes a hart that has called from user mode return from `run`.
pub(crate) fn leave(frame: &mut TrapFrame) {
    const SPP: u64 = 1 << 8;
    const SPIE: u64 = 1 << 5;
    let Some(hart) = hart_of(stack_pointer()) else { panic!("a trap from user mode on another stack") };
    let sp = KERNEL_SP[hart.get() as usize].load(Ordering::Relaxed);
    let status = frame.sstatus();
    let left: extern "C" fn() = user_mode_left;
    // SAFETY: the registers that matter there are on the stack, as `user_mode_enter` left it.
    unsafe {
        frame.set_sepc(left as usize as u64);
        frame.set_sstatus((status | SPP) & !SPIE);
        frame.set_register(2, sp);
    }
}

//! From landfall's `main` to the kernel's.
//!
//! The boot hart reads the board's facts on landfall's own stack, and continues on one in the
//! image. Kernels of ArceOS build page tables of their own, which map the image and no stacks of
//! landfall's. They also request physical addresses of variables on a stack.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

use landfall::Landing;

use super::board;
use crate::config::plat::BOOT_STACK_SIZE;

/// The boot hart's stack, for as long as the kernel wants it.
#[repr(C, align(4096))]
struct BootStack(UnsafeCell<[u8; BOOT_STACK_SIZE]>);

// SAFETY: only the boot hart uses it, as its stack.
unsafe impl Sync for BootStack {}

/// Not in `.bss`: a stack need not be zeroed.
#[unsafe(link_section = ".noinit.axplat_landfall_stack")]
static BOOT_STACK: BootStack = BootStack(UnsafeCell::new([0; BOOT_STACK_SIZE]));

/// True once the boot hart has come here. It has one stack, so it must not come again.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// The boot hart has landed.
///
/// # Panics
/// If it is called again: the stack is in use.
pub fn main(landing: &'static Landing) -> ! {
    assert!(!ENTERED.swap(true, Ordering::AcqRel), "the boot hart enters the kernel once");
    board::find(landing);
    #[cfg(feature = "preview")]
    // SAFETY: the kernel has not begun; there are no more CPUs than harts can land.
    unsafe {
        super::percpu::fill(board::board().cpus.count());
    }
    let top = (&raw const BOOT_STACK).wrapping_add(1).expose_provenance();
    let tree = board::tree(landing).start().get();
    clear_scratch();
    // SAFETY: nothing else uses that stack, and nothing on the old one is needed any more.
    unsafe { enter(0, tree as usize, top, main_on_own_stack) }
}

extern "C" fn main_on_own_stack(cpu: usize, tree: usize) -> ! {
    axplat::call_main(cpu, tree)
}

/// Another hart has landed: it waits until the kernel wants it.
///
/// # Panics
/// If it is called again with the same number: the stack of that CPU is in use.
#[cfg(feature = "smp")]
pub fn secondary(_: &'static Landing, hart: landfall::HartIndex) -> ! {
    let (cpu, stack) = super::cpus::wait(hart);
    // The boot hart has mapped devices in the meantime.
    riscv::asm::sfence_vma_all();
    clear_scratch();
    let top =
        landfall::address::LinearAddr::from_phys(landfall::address::PhysAddr::new(stack as u64)).virt().get();
    // SAFETY: the kernel gives each CPU a stack of its own; nothing on the old one is needed any
    // more.
    unsafe { enter(cpu, 0, top as usize, secondary_on_own_stack) }
}

#[cfg(feature = "smp")]
extern "C" fn secondary_on_own_stack(cpu: usize, _: usize) -> ! {
    axplat::call_secondary_main(cpu)
}

/// The traps of `axcpu` take 0 in `sscratch` for a trap from the kernel itself.
fn clear_scratch() {
    // SAFETY: nothing of ours uses the register.
    unsafe { asm!("csrw sscratch, zero", options(nomem, nostack, preserves_flags)) };
}

/// Goes on in `next`, with the CPU's number and `second`, on another stack. `gp` has the number
/// too, until the kernel writes to it.
///
/// # Safety
/// The memory below `stack` is not used, and nothing on this stack is needed any more.
unsafe fn enter(cpu: usize, second: usize, stack: usize, next: extern "C" fn(usize, usize) -> !) -> ! {
    // SAFETY: the caller vouches for the stack; what is called does not return.
    unsafe {
        asm!(
            "mv sp, {stack}",
            "mv fp, zero",
            "mv ra, zero",
            "mv gp, a0",
            "jr {next}",
            stack = in(reg) stack,
            next = in(reg) next,
            in("a0") cpu,
            in("a1") second,
            options(noreturn),
        )
    }
}

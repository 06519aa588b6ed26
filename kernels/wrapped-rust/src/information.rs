//! Checks of the boot information.

use core::arch::asm;

use crate::access::Access;
use crate::console::Console;
use crate::protocol::{Hart, MAGIC, VERSION, Wrapped};

/// `stack` is the address in `sp` at the entry.
pub(crate) fn check(console: &mut Console, boot: &Wrapped, hart: u64, stack: usize) {
    console.report("magic", boot.magic == MAGIC && boot.version >= VERSION);
    console.report("size", boot.size as usize == size_of::<Wrapped>());
    console.report("mode", boot.mode == satp() >> 60 && (8..=10).contains(&boot.mode));
    console.report("boot-hart", boot.boot_hart == hart);
    let own = boot.harts().iter().find(|own| own.id == hart);
    let is_own = |own: &Hart| {
        own.stack_top == stack
            && stack.is_multiple_of(16)
            && own.stack_top - own.stack_bottom == boot.stack_size
    };
    console.report("stack", own.is_some_and(is_own));
    console.report("guard", own.is_some_and(is_guarded));
    console.report("device-tree", boot.device_tree().starts_with(&[0xd0, 0x0d, 0xfe, 0xed]));
    let is_zero = boot.entropy.iter().all(|byte| *byte == 0);
    console.report("entropy", (boot.entropy_bits == 0) == is_zero);
    let line = str::from_utf8(boot.command_line());
    console.report("command-line", line.is_ok());
    console.line(format_args!("command line {}", line.unwrap_or_default()));
    console.line(format_args!("initrd of {} bytes", boot.initrd().len()));
    console.line(format_args!("at {:#x} in memory at {:#x}", boot.kernel_virt, boot.kernel_phys));
}

/// The stack holds words down to its bottom, and nothing is mapped in the 64 KiB below.
pub(crate) fn is_guarded(hart: &Hart) -> bool {
    // SAFETY: no hart is so deep in its stack.
    let bottom = unsafe { Access::store(hart.stack_bottom) };
    let below = [8, 64 << 10].map(|distance| Access::load(hart.stack_bottom - distance));
    bottom == Access::Done && below == [Access::LoadFault; 2]
}

fn satp() -> u64 {
    let satp;
    // SAFETY: reading a register changes nothing.
    unsafe { asm!("csrr {}, satp", out(reg) satp, options(nomem, nostack)) };
    satp
}

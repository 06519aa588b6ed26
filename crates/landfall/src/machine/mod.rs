//! The code that runs on the machine: assembly, effects, and the interface for the kernel.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a machine word has 64 bits here; what is narrower is masked"
)]

mod asm;
mod backing;
mod clock;
pub(crate) mod console;
mod constants;
mod convert;
mod early;
#[cfg(feature = "efi")]
mod efi;
mod entropy;
mod hart_seed;
mod hart_set;
mod harts;
mod land;
mod landing;
#[cfg(feature = "relocate")]
mod moving;
#[cfg(feature = "panic-handler")]
mod panic;
#[cfg(feature = "report")]
mod report;
pub(crate) mod space;
mod stage;
mod symbols;
mod tables;
mod takeover;
pub mod trap;

use core::sync::atomic::{AtomicU32, Ordering};

use landfall_image::console::EXIT;
use landfall_plan::policy::Disclosure;

pub use clock::Patience;
pub use console::print_fmt;
pub use convert::{AddressError, virt_to_phys};
pub use entropy::KernelEntropy;
pub use harts::{HartState, LandingHart};
pub use landing::Landing;
#[cfg(feature = "report")]
pub use report::{Json, Report};
pub use takeover::{LandedTables, LinearTables};

/// 1 where the policy discloses addresses: the trap handler in refuse.s cannot read a policy. In
/// `.data`, since `.bss` may not hold 0 yet.
#[unsafe(link_section = ".data.landfall_discloses")]
static DISCLOSES: AtomicU32 = AtomicU32::new(0);

fn disclose(disclosure: Disclosure) {
    DISCLOSES.store(u32::from(disclosure == Disclosure::Disclose), Ordering::Relaxed);
}

/// Powers the machine off, as after success. If the firmware cannot, this hart sleeps.
pub fn power_off() -> ! {
    asm::landfall_power_off(0)
}

/// Ends the kernel: prints the line `landfall: exit CODE`, then powers the machine off. 0 is
/// success.
///
/// `cargo landfall run` returns exit status 0 for it, and 1 for any other code. A panic that
/// another hart prints after that line is a failure all the same.
pub fn exit(code: i32) -> ! {
    if code == 0 {
        crate::println!("{EXIT}{code}");
        power_off()
    }
    console::print_last(format_args!("{EXIT}{code}"));
    power_off_after_failure()
}

fn stack_pointer() -> u64 {
    let sp: u64;
    // SAFETY: it reads a register.
    unsafe { core::arch::asm!("mv {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

/// Waits for an interrupt, or a little shorter: a hart that has nothing to do. In an emulator,
/// harts that spin instead take the host's time from those that work.
pub fn wait_for_interrupt() {
    // SAFETY: it waits.
    unsafe { core::arch::asm!("wfi", options(nomem, nostack, preserves_flags)) };
}

/// Reboots the machine: a cold reboot by the SBI's system reset extension (SRST, chapter 10).
///
/// Firmware without that extension, or that rejects the reset, powers the machine off instead, as
/// after a failure. The lines on the console are the kernel's own: `cargo landfall run` sees a
/// machine that ended without a verdict.
pub fn reboot() -> ! {
    let _ = sbi_rt::system_reset(sbi_rt::ColdReboot, sbi_rt::NoReason);
    power_off_after_failure()
}

/// Powers the machine off, as after failure: never a reset, which would loop.
fn power_off_after_failure() -> ! {
    asm::landfall_power_off(1)
}

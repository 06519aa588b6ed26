//! What runs on the machine: assembly, effects, and what the kernel gets.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a machine word has 64 bits here; what is narrower is masked"
)]

mod address;
mod asm;
pub(crate) mod console;
mod constants;
mod early;
mod efi;
mod harts;
mod land;
mod landing;
mod moving;
#[cfg(feature = "panic-handler")]
mod panic;
mod report;
mod symbols;
mod tables;
mod takeover;

pub use address::{AddressError, ImageAddr, LinearAddr, virt_to_phys};
pub use console::print_fmt;
pub use harts::{HartIndex, HartState};
pub use landing::Landing;
pub use report::{Json, Report};
pub use takeover::{LandedTables, LinearTables};

/// Powers the machine off, as after success. Where the firmware cannot, this hart sleeps.
pub fn power_off() -> ! {
    asm::landfall_power_off(0)
}

/// Powers the machine off, as after failure: never a reset, which would loop.
fn power_off_after_failure() -> ! {
    asm::landfall_power_off(1)
}

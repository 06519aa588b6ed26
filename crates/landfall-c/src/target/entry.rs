//! The calls of the C kernel. The macros `LF_ENTRY` and `LF_ENTRY_ALL_HARTS` define the two
//! functions, and the policy's record.

use landfall::{HartIndex, Landing as RustLanding};
use spin::Once;

use super::landing::Landing;

/// The version of the interface, as a symbol: a header of another one does not link.
#[unsafe(no_mangle)]
static lf_abi_1: u8 = 1;

static LANDING: Once<Given> = Once::new();

/// The landing, as Rust and as C have it.
#[derive(Debug)]
struct Given {
    rust: &'static RustLanding,
    c: Landing,
}

unsafe extern "C" {
    /// The function `main` of `LF_ENTRY`.
    safe fn lf_kernel_main(landing: &'static Landing) -> !;
    /// The function for the other harts.
    safe fn lf_kernel_secondary(landing: &'static Landing, hart: u32) -> !;
}

/// Returns the landing, after landing.
pub(super) fn landing() -> &'static RustLanding {
    LANDING.get().map_or_else(|| panic!("landfall-c is called before its entry"), |given| given.rust)
}

fn give(landing: &'static RustLanding) -> &'static Landing {
    &LANDING.call_once(|| Given { rust: landing, c: Landing::of(landing) }).c
}

/// The entry of the boot hart: as `landfall::entry!` defines it.
#[unsafe(export_name = "__landfall_main")]
fn enter_main(landing: &'static RustLanding) -> ! {
    lf_kernel_main(give(landing))
}

/// The entry of the other harts.
#[unsafe(export_name = "__landfall_secondary")]
fn enter_secondary(landing: &'static RustLanding, hart: HartIndex) -> ! {
    lf_kernel_secondary(give(landing), hart.get() as u32)
}

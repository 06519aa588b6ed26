//! The ends of a kernel, and waiting.

use core::ffi::{c_char, c_int};

use super::console::text;

#[unsafe(no_mangle)]
extern "C" fn lf_exit(code: c_int) -> ! {
    landfall::exit(code)
}

#[unsafe(no_mangle)]
extern "C" fn lf_power_off() -> ! {
    landfall::power_off()
}

#[unsafe(no_mangle)]
extern "C" fn lf_reboot() -> ! {
    landfall::reboot()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_panic(reason: *const c_char) -> ! {
    // SAFETY: the caller's.
    panic!("{}", unsafe { text(reason) })
}

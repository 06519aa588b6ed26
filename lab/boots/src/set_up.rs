//! The tools that tests need. They are installed when the first test needs them, with the same
//! consent as for `cargo landfall run`.

use std::sync::OnceLock;

use landfall_host::qemu::Qemu;
use landfall_host::setup;

use super::check::Check;

/// Installs the Rust target of kernels if it is missing.
pub(super) fn rust_target() -> Result<(), String> {
    static DONE: OnceLock<Result<(), String>> = OnceLock::new();
    DONE.get_or_init(|| setup::rust_target().map_err(|error| error.to_string())).clone()
}

/// Returns QEMU, which is installed with OpenSBI if it is missing or too old.
pub(super) fn qemu() -> Result<&'static Qemu, String> {
    static QEMU: OnceLock<Result<Qemu, String>> = OnceLock::new();
    let qemu = QEMU.get_or_init(|| setup::qemu(setup::FOR_TEST).map_err(|error| error.to_string()));
    qemu.as_ref().map_err(Clone::clone)
}

/// Returns tests that install the tools, for tests of other packages that need them.
pub(super) fn checks() -> Vec<Check> {
    let disassembler = || setup::disassembler().map_err(|error| error.to_string());
    vec![
        Check::new("set-up/rust-target", rust_target).always(),
        Check::new("set-up/qemu", || qemu().map(drop)).always(),
        Check::new("set-up/disassembler", disassembler),
    ]
}

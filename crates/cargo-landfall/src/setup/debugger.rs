//! A gdb that knows RISC-V.

use std::process::{Command, Stdio};

use super::{SetupError, apt};
use crate::output;

/// Under these names: Debian's, those of the usual toolchains, and the one that many distributions build for all processors.
const PROGRAMS: [&str; 5] =
    ["gdb-multiarch", "riscv64-unknown-elf-gdb", "riscv64-linux-gnu-gdb", "riscv64-elf-gdb", "gdb"];

/// What it calls a 64-bit hart.
const ARCHITECTURE: &str = "riscv:rv64";

/// Debian's package.
const PACKAGE: &str = "gdb-multiarch";

/// A gdb that knows RISC-V. Installs one where there is none.
///
/// # Errors
/// [`SetupError`] says what to install where that cannot be done from here.
pub fn debugger() -> Result<&'static str, SetupError> {
    if let Some(program) = find() {
        return Ok(program);
    }
    output::note("setup: a gdb that knows RISC-V is missing, by which kernels are debugged");
    let command = apt::install_packages(&[PACKAGE])?;
    let missing = || SetupError::Still { missing: "a gdb that knows RISC-V is missing".to_owned(), command };
    find().ok_or_else(missing)
}

fn find() -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| knows_riscv(program))
}

fn knows_riscv(program: &str) -> bool {
    let ask = format!("set architecture {ARCHITECTURE}");
    let output = Command::new(program).args(["-nx", "-batch", "-ex", &ask]).stdin(Stdio::null()).output();
    output.is_ok_and(|output| {
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        said.contains(ARCHITECTURE) && !said.contains("Undefined item")
    })
}

//! Programs that tests start: C compilers for RISC-V, and others by name.

use std::process::{Command, Stdio};

use super::alone::alone;
use super::{SetupError, apt};
use crate::output;

/// A program of this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program<'a> {
    /// The name by which it is started. It prints its version by `--version`.
    pub name: &'a str,
    /// The package of Debian and Ubuntu that contains it.
    pub package: &'a str,
}

/// The C compilers.
const PROGRAMS: [Program; 2] = [
    Program { name: "riscv64-linux-gnu-gcc", package: "gcc-riscv64-linux-gnu" },
    Program { name: "clang", package: "clang" },
];

/// Installs gcc and clang for RISC-V if they are missing.
///
/// # Errors
/// [`SetupError`] names the package that cannot be installed.
pub fn compilers() -> Result<(), SetupError> {
    programs(&PROGRAMS, "tests of compilers' output")
}

/// Installs the packages of those programs that are missing. `purpose` names their use.
///
/// # Errors
/// [`SetupError`] names the package that cannot be installed.
pub fn programs(programs: &[Program<'_>], purpose: &str) -> Result<(), SetupError> {
    alone(|| installed(programs, purpose))
}

fn installed(programs: &[Program<'_>], purpose: &str) -> Result<(), SetupError> {
    let missing: Vec<_> = programs.iter().filter(|program| !runs(program.name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<_> = missing.iter().map(|program| program.package).collect();
    let lack = format!("missing, for {purpose}: {}", packages.join(", "));
    output::note(format_args!("setup: {lack}"));
    let command = apt::install_packages(&lack, &packages)?;
    match missing.into_iter().find(|program| !runs(program.name)) {
        None => Ok(()),
        Some(Program { name, .. }) => {
            Err(SetupError::Still { missing: format!("{name} is missing"), command })
        }
    }
}

fn runs(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

//! Programs that tests call, as this system has them: C compilers for RISC-V, and others by name.

use std::process::{Command, Stdio};

use super::{SetupError, apt};
use crate::output;

/// Each program, and the package of Debian's and Ubuntu's that has it.
const PROGRAMS: [(&str, &str); 2] = [("riscv64-linux-gnu-gcc", "gcc-riscv64-linux-gnu"), ("clang", "clang")];

/// Makes sure that gcc and clang for RISC-V are here; installs what is missing.
///
/// # Errors
/// [`SetupError`] says what to install where that cannot be done from here.
pub fn compilers() -> Result<(), SetupError> {
    programs(&PROGRAMS, "tests of what compilers make")
}

/// Installs the packages of those programs that are missing. Each program has the name of its
/// package in Debian and Ubuntu, and prints its version by `--version`. `purpose` names their use.
///
/// # Errors
/// [`SetupError`] names the package that cannot be installed.
pub fn programs(programs: &[(&str, &str)], purpose: &str) -> Result<(), SetupError> {
    let missing: Vec<_> = programs.iter().filter(|(program, _)| !runs(program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<_> = missing.iter().map(|(_, package)| *package).collect();
    let lack = format!("missing, for {purpose}: {}", packages.join(", "));
    output::note(format_args!("setup: {lack}"));
    let command = apt::install_packages(&lack, &packages)?;
    match missing.into_iter().find(|(program, _)| !runs(program)) {
        None => Ok(()),
        Some((program, _)) => Err(SetupError::Still { missing: format!("{program} is missing"), command }),
    }
}

fn runs(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

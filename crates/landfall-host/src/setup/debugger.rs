//! Debuggers that know RISC-V.

use std::process::{Command, Stdio};

use super::alone::alone;
use super::version::Version;
use super::{SetupError, apt};
use crate::output;

/// A debugger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Debugger {
    /// GNU's.
    Gdb,
    /// LLVM's, with Python in it.
    Lldb,
}

/// Under these names: Debian's, those of the usual toolchains, and the one that many distributions
/// build for all processors.
const GDBS: [&str; 5] =
    ["gdb-multiarch", "riscv64-unknown-elf-gdb", "riscv64-linux-gnu-gdb", "riscv64-elf-gdb", "gdb"];

/// gdb's name of a 64-bit hart.
const ARCHITECTURE: &str = "riscv:rv64";

/// The best first. Later versions have the better names of functions.
const LLDBS: [&str; 5] = ["lldb-22", "lldb-21", "lldb-20", "lldb-19", "lldb"];

/// The oldest that is known to read a hart's registers: 16.0 connects and reads none.
const OLDEST_LLDB: Version = Version::new(19, 0);

/// Returns a debugger that supports RISC-V. Installs a missing one.
///
/// # Errors
/// [`SetupError`] says what to install where that cannot be done from here.
pub fn debugger(wanted: Debugger) -> Result<&'static str, SetupError> {
    alone(|| installed(wanted))
}

fn installed(wanted: Debugger) -> Result<&'static str, SetupError> {
    if let Some(program) = wanted.find() {
        return Ok(program);
    }
    let what = wanted.what();
    let lack = format!("{what} is missing; kernels are debugged with it");
    output::note(format_args!("setup: {lack}"));
    let command = apt::install_first_of(&lack, wanted.packages())?;
    wanted.find().ok_or_else(|| SetupError::Still { missing: format!("{what} is missing"), command })
}

impl Debugger {
    fn find(self) -> Option<&'static str> {
        match self {
            Self::Gdb => GDBS.into_iter().find(|program| knows_riscv(program)),
            Self::Lldb => LLDBS.into_iter().find(|program| is_new_enough(program)),
        }
    }

    fn what(self) -> String {
        match self {
            Self::Gdb => "a gdb that knows RISC-V".to_owned(),
            Self::Lldb => format!("an LLDB of version {OLDEST_LLDB} or newer, with Python,"),
        }
    }

    /// Debian's, the best first.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Gdb => &["gdb-multiarch"],
            Self::Lldb => LLDBS.split_last().map_or(&[], |(_, packages)| packages),
        }
    }
}

fn knows_riscv(gdb: &str) -> bool {
    let answer = output_of(gdb, &["-nx", "-batch", "-ex", &format!("set architecture {ARCHITECTURE}")]);
    answer.contains(ARCHITECTURE) && !answer.contains("Undefined item")
}

fn is_new_enough(lldb: &str) -> bool {
    // Python computes this, where there is one.
    let answer = output_of(lldb, &["--no-lldbinit", "--batch", "-o", "version", "-o", "script print(6 * 7)"]);
    answer.lines().any(|line| line == "42")
        && Version::of_lldb(&answer).is_some_and(|found| found >= OLDEST_LLDB)
}

/// Returns the output of a program; nothing if it does not start.
fn output_of(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let text = |output: std::process::Output| [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&output.map(text).unwrap_or_default()).into_owned()
}

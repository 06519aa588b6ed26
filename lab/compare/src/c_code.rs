//! Code models in C: one workload of two files, as static code and as position-independent code.
//!
//! With the default visibility, another object could define each global again. So
//! position-independent C loads the address of a file's own globals from the GOT too.

use super::Table;
use super::code::{self, Counts};
use anyhow::Error;
use landfall_host::qemu::Qemu;
use landfall_host::setup;

/// The workload.
const WORK: &str = "compare_c_run";

/// The arguments of all builds.
const ARGUMENTS: &str =
    "-O2 -march=rv64gc -mabi=lp64d -mcmodel=medany -ffreestanding -ffunction-sections -mno-relax";

/// The compilers, as they are called.
const COMPILERS: [(&str, &str); 2] =
    [("gcc", "riscv64-linux-gnu-gcc"), ("clang", "clang --target=riscv64-linux-gnu")];

/// The code models, by their arguments.
const MODELS: [(&str, &str); 3] =
    [("medany", "-fno-pic"), ("PIC", "-fPIC"), ("PIC, hidden visibility", "-fPIC -fvisibility=hidden")];

/// One build in C, and its measurements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The compiler.
    pub compiler: &'static str,
    /// Its code model.
    pub model: &'static str,
    /// The measurements.
    pub counts: Counts,
}

/// Builds and runs all of them. Missing compilers are installed.
///
/// # Errors
/// [`Error`] where one does not build or run, or where two come to different checksums.
pub fn measure(qemu: &Qemu) -> Result<Vec<Build>, Error> {
    setup::compilers()?;
    let mut builds: Vec<Build> = Vec::new();
    for (compiler, command) in COMPILERS {
        for (model, argument) in MODELS {
            let name = format!("{compiler}{}", argument.replace(' ', ""));
            let elf = code::build_c(&name, &format!("{command} {ARGUMENTS} {argument}"))?;
            let counts = code::count(qemu, &elf, WORK)?;
            if let Some(first) = builds.first() {
                counts.agree(&name, &first.counts, first.compiler)?;
            }
            builds.push(Build { compiler, model, counts });
        }
    }
    Ok(builds)
}

/// The table that users see.
#[must_use]
pub fn table(builds: &[Build]) -> Table {
    let row = |build: &Build| {
        let names = [build.compiler.into(), build.model.into()];
        names.into_iter().chain(build.counts.cells()).collect()
    };
    Table {
        title: "Code models in C: one workload of two files, paging off",
        columns: ["compiler", "code"].into_iter().chain(Counts::COLUMNS).collect(),
        rows: builds.iter().map(row).collect(),
    }
}

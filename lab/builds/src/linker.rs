//! Linkers.

use std::path::PathBuf;
use std::process::Command;

use landfall_host::firmware::find;
use landfall_host::setup::archive::binutils;
use landfall_host::setup::{self, Program};

/// A linker that tests link with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// GNU ld of this system, as of Debian 12 (2.40).
    Gnu,
    /// GNU ld of Debian 13 (2.44).
    NewerGnu,
    /// LLD of the Rust compiler.
    Rust,
    /// LLD of this version, of this system's packages.
    Lld(u32),
}

/// GNU's assembler and linker for RISC-V.
const BINUTILS: [Program<'_>; 2] = [
    Program { name: "riscv64-linux-gnu-as", package: "binutils-riscv64-linux-gnu" },
    Program { name: "riscv64-linux-gnu-ld", package: "binutils-riscv64-linux-gnu" },
];

impl Tool {
    /// Returns the linker as a program that takes arguments of GNU's. Installs it, if it is
    /// missing.
    ///
    /// # Errors
    /// Returns the reason why there is no such linker.
    pub fn program(self) -> Result<PathBuf, String> {
        setup::programs(&BINUTILS, "tests of other build systems").map_err(|error| error.to_string())?;
        match self {
            Self::Gnu => Ok(BINUTILS[1].name.into()),
            Self::NewerGnu => {
                let cache = find::cache().map_err(|error| error.to_string())?;
                binutils::linker(&cache).map_err(|error| error.to_string())
            }
            Self::Rust => {
                // The same program, by a name that selects the kind of its arguments.
                let linker = setup::linker().map_err(|error| error.to_string())?;
                Ok(linker.with_file_name("gcc-ld").join("ld.lld"))
            }
            Self::Lld(version) => {
                let (name, package) = (format!("ld.lld-{version}"), format!("lld-{version}"));
                let program = Program { name: &name, package: &package };
                setup::programs(&[program], "tests of linkers").map_err(|error| error.to_string())?;
                Ok(name.into())
            }
        }
    }

    /// Returns the assembler, which all of them link the output of.
    #[must_use]
    pub fn assembler() -> Command {
        Command::new(BINUTILS[0].name)
    }
}

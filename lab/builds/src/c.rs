//! Kernels in C, as their Makefiles build them.

use std::path::{Path, PathBuf};
use std::process::Command;

use landfall_host::setup::{self, Program};

use super::library::{checkout, static_library};
use super::{Tool, path, run};

/// A C compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// gcc for RISC-V.
    Gcc,
    /// clang.
    Clang,
}

const GCC: Program<'_> = Program { name: "riscv64-linux-gnu-gcc", package: "gcc-riscv64-linux-gnu" };
const CLANG: Program<'_> = Program { name: "clang", package: "clang" };
const MAKE: Program<'_> = Program { name: "make", package: "make" };

impl Compiler {
    /// Returns the command. Installs the compiler, if it is missing.
    pub(crate) fn command(self) -> Result<&'static str, String> {
        let (program, command) = match self {
            Self::Gcc => (GCC, "riscv64-linux-gnu-gcc"),
            Self::Clang => (CLANG, "clang --target=riscv64-linux-gnu"),
        };
        setup::programs(&[program, MAKE], "tests of kernels in C").map_err(|error| error.to_string())?;
        Ok(command)
    }
}

/// Builds the kernel whose Makefile is in `source`, a folder of the checkout. Warnings are errors.
/// Returns its ELF, `name` in `folder`.
///
/// # Errors
/// Returns the messages of the build.
pub fn c_kernel(source: &str, name: &str, tools: (Compiler, Tool), folder: &Path) -> Result<PathBuf, String> {
    let (compiler, linker) = tools;
    let mut make = Command::new("make");
    make.arg("-C").arg(checkout().join(source));
    make.arg(format!("CC={}", compiler.command()?)).arg("CFLAGS=-std=gnu11 -O2 -g -Wall -Wextra -Werror");
    for (name, value) in [
        ("LD", linker.program()?.as_path()),
        ("LANDFALL", &path()?),
        ("LIBRARY", static_library("landfall-c", "liblandfall_c.a")?),
        ("BUILD", folder),
    ] {
        make.arg(format!("{name}={}", value.display()));
    }
    run(&mut make)?;
    Ok(folder.join(format!("{name}.elf")))
}

/// Builds the kernel of `kernels/port/fixed`, and returns its ELF.
///
/// # Errors
/// Returns the messages of the build.
pub fn fixed_kernel(folder: &Path) -> Result<PathBuf, String> {
    let mut make = Command::new("make");
    make.arg("-C").arg(checkout().join("kernels/port/fixed")).arg(format!("CC={}", Compiler::Gcc.command()?));
    run(make.arg(format!("BUILD={}", folder.display())))?;
    Ok(folder.join("fixed.elf"))
}

/// Builds the module of the kernel `c-interface`, and returns its file.
///
/// # Errors
/// Returns the messages of the build.
pub fn c_module(folder: &Path) -> Result<PathBuf, String> {
    let source = checkout().join("lab/kernels/c-interface/module.c");
    let (object, module) = (folder.join("module.o"), folder.join("answer.ko"));
    let mut compile = Command::new(Compiler::Gcc.command()?);
    compile.args(["-c", "-O2", "-mcmodel=medany", "-fno-pic", "-mno-relax", "-ffreestanding", "-fno-common"]);
    run(compile.args(["-mabi=lp64d", "-march=rv64gc", "-o"]).arg(&object).arg(source))?;
    run(Command::new(Tool::Gnu.program()?).arg("-r").arg(&object).arg("-o").arg(&module))?;
    Ok(module)
}

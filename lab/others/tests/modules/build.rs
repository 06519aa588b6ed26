//! Compilers with their options, and linkers that merge sections.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compiler {
    Gcc,
    Clang,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Linker {
    Gnu,
    Lld,
}

/// A way to compile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Build {
    compiler: Compiler,
    level: &'static str,
    pic: &'static str,
    pub(crate) relaxes: bool,
    /// The alignment of functions, in bytes.
    align: u32,
}

impl Build {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let levels = ["-O0", "-O2", "-Os"];
        let ways = |compiler, level| {
            ["-fno-pic", "-fPIC"].into_iter().flat_map(move |pic| {
                [false, true].map(move |relaxes| Self { compiler, level, pic, relaxes, align: 2 })
            })
        };
        [Compiler::Gcc, Compiler::Clang]
            .into_iter()
            .flat_map(move |compiler| levels.into_iter().flat_map(move |level| ways(compiler, level)))
    }

    /// Returns the same with functions at multiples of `align` bytes.
    pub(crate) const fn aligned(self, align: u32) -> Self {
        Self { align, ..self }
    }

    /// Returns the bytes of the module.
    pub(crate) fn object(&self, folder: &Path, linker: Linker) -> Vec<u8> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules/unit.c");
        let (compiled, module) = (folder.join("compiled.o"), folder.join("unit.ko"));
        let mut command = match self.compiler {
            Compiler::Gcc => Command::new("riscv64-linux-gnu-gcc"),
            Compiler::Clang => Command::new("clang"),
        };
        if self.compiler == Compiler::Clang {
            command.arg("--target=riscv64-unknown-elf");
        }
        command.args(["-march=rv64gc", "-mabi=lp64d", "-mcmodel=medany", "-ffreestanding", "-fno-common"]);
        command.args(["-fno-stack-protector", "-fno-asynchronous-unwind-tables", self.level, self.pic]);
        command.arg(if self.relaxes { "-mrelax" } else { "-mno-relax" });
        command.arg(format!("-falign-functions={}", self.align));
        run(command.args(["-c", "-o"]).args([&compiled, &source]));
        let mut merge = match linker {
            Linker::Gnu => Command::new("riscv64-linux-gnu-ld"),
            Linker::Lld => {
                let mut lld = Command::new(rust_lld());
                lld.args(["-flavor", "gnu", "-m", "elf64lriscv"]);
                lld
            }
        };
        run(merge.args(["-r", "-o"]).args([&module, &compiled]));
        fs::read(module).expect("a module")
    }
}

/// The linker of Rust's toolchain.
fn rust_lld() -> PathBuf {
    let libraries = Command::new("rustc").args(["--print", "target-libdir"]).output().expect("rustc");
    let libraries = String::from_utf8(libraries.stdout).expect("text");
    Path::new(libraries.trim()).with_file_name("bin").join("rust-lld")
}

pub(crate) fn run(command: &mut Command) {
    let output = command.output().expect("a program");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

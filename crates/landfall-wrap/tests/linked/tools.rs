//! Compilers and linkers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use crate::sources;

/// The makers of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tools {
    /// gcc and GNU ld.
    Gnu,
    /// gcc and the LLD of the Rust compiler.
    Lld,
    /// rustc and its LLD.
    Rust,
}

/// Returns the file that `tools` make from `source`.
pub(crate) fn built(tools: Tools, source: &str, arguments: &[&str]) -> Vec<u8> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("linked-{number}"));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("shared.ld"), sources::SHARED).expect("a file");
    let mut command = match tools {
        Tools::Rust => rustc(&folder, source),
        Tools::Gnu => gcc(&folder, source),
        Tools::Lld => {
            let mut gcc = gcc(&folder, source);
            gcc.arg(format!("-B{}", lld().parent().expect("a folder").display())).arg("-fuse-ld=lld");
            gcc
        }
    };
    let output = command.args(arguments).current_dir(&folder).output().expect("a compiler");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    let file = fs::read(folder.join("kernel.elf")).expect("a kernel");
    fs::remove_dir_all(&folder).expect("the folder");
    file
}

fn gcc(folder: &Path, source: &str) -> Command {
    fs::write(folder.join("kernel.c"), source).expect("a file");
    let mut gcc = Command::new("riscv64-linux-gnu-gcc");
    gcc.args([
        "-O2",
        "-march=rv64gc",
        "-mabi=lp64d",
        "-ffreestanding",
        "-nostdlib",
        "kernel.c",
        "-o",
        "kernel.elf",
    ]);
    gcc
}

fn rustc(folder: &Path, source: &str) -> Command {
    fs::write(folder.join("kernel.rs"), source).expect("a file");
    let mut rustc = Command::new(compiler());
    rustc.args(["--edition=2024", "--target=riscv64gc-unknown-none-elf", "-Copt-level=2", "-Cpanic=abort"]);
    rustc.args(["kernel.rs", "-o", "kernel.elf"]);
    rustc
}

fn compiler() -> PathBuf {
    env::var_os("RUSTC").map_or_else(|| "rustc".into(), PathBuf::from)
}

/// Returns the LLD that comes with the Rust compiler.
fn lld() -> PathBuf {
    let output = Command::new(compiler()).args(["--print", "target-libdir"]).output().expect("rustc");
    let libraries = PathBuf::from(String::from_utf8(output.stdout).expect("UTF-8").trim());
    libraries.with_file_name("bin").join("gcc-ld/ld.lld")
}

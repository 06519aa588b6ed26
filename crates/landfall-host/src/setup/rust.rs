//! The Rust target of kernels.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::alone::alone;
use super::{SetupError, consent};
use crate::build::TARGET;
use crate::output;

/// Makes sure that kernels can be compiled: adds their target through rustup where it is missing.
///
/// # Errors
/// [`SetupError`] where there is no Rust, or the target is missing and rustup cannot add it.
pub fn target() -> Result<(), SetupError> {
    sysroot().map(drop)
}

/// Does the same, and returns the folder of the toolchain.
pub(crate) fn sysroot() -> Result<PathBuf, SetupError> {
    alone(with_target)
}

fn with_target() -> Result<PathBuf, SetupError> {
    // The target's core library has the same place in every toolchain, of rustup or not.
    let has_target = |sysroot: &PathBuf| sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir();
    if let Some(sysroot) = of_cargo().filter(has_target) {
        return Ok(sysroot);
    }
    let sysroot = printed("sysroot")?;
    if has_target(&sysroot) {
        return Ok(sysroot);
    }
    let lack = format!("the Rust target {TARGET} is missing; kernels are compiled for it");
    consent::obtain(&lack, &format!("rustup target add {TARGET}"))?;
    output::note(format_args!("setup: {lack}; rustup adds it"));
    let mut rustup = Command::new("rustup");
    // rustup's stdout is for people, and ours is for results.
    let status =
        rustup.args(["target", "add", TARGET]).stdin(Stdio::null()).stdout(std::io::stderr()).status();
    match status {
        Ok(status) if status.success() => Ok(sysroot),
        Ok(status) => Err(SetupError::Failed { command: format!("rustup target add {TARGET}"), status }),
        Err(_) => Err(SetupError::NoRustup { target: TARGET }),
    }
}

/// Makes sure that the tests of the decoder have their oracle: adds LLVM's disassembler through
/// rustup where it is missing.
///
/// # Errors
/// [`SetupError`] where there is no Rust, or rustup cannot add it.
pub fn disassembler() -> Result<(), SetupError> {
    alone(with_disassembler)
}

fn with_disassembler() -> Result<(), SetupError> {
    let tools = host_tools()?;
    if tools.join("llvm-objdump").is_file() {
        return Ok(());
    }
    let lack = "llvm-objdump is missing; tests compare the decoder with it";
    consent::obtain(lack, "rustup component add llvm-tools")?;
    output::note(format_args!("setup: {lack}; rustup adds llvm-tools"));
    let mut rustup = Command::new("rustup");
    rustup.args(["component", "add", "llvm-tools"]).stdin(Stdio::null()).stdout(std::io::stderr());
    match rustup.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            Err(SetupError::Failed { command: "rustup component add llvm-tools".to_owned(), status })
        }
        Err(source) => Err(SetupError::Start { program: "rustup".to_owned(), source }),
    }
}

/// Returns the path of the linker for modules, which is a part of Rust.
///
/// # Errors
/// [`SetupError`] where there is no Rust, or its linker is missing.
pub fn linker() -> Result<PathBuf, SetupError> {
    let path = host_tools()?.join("rust-lld");
    if path.is_file() { Ok(path) } else { Err(SetupError::NoLinker { path }) }
}

/// Returns the folder of the toolchain of the Cargo that runs us.
///
/// The compiler has the same toolchain: rustup names it to all that Cargo starts.
fn of_cargo() -> Option<PathBuf> {
    std::env::var_os("RUSTUP_TOOLCHAIN")?;
    let cargo = PathBuf::from(std::env::var_os("CARGO")?);
    Some(cargo.parent()?.parent()?.to_owned())
}

/// Returns the path of LLVM's tools: beside the host's libraries.
fn host_tools() -> Result<PathBuf, SetupError> {
    let libraries = printed("target-libdir")?;
    Ok(libraries.parent().unwrap_or(&libraries).join("bin"))
}

/// Returns the compiler's own description.
fn printed(what: &str) -> Result<PathBuf, SetupError> {
    let start = |source| SetupError::Start { program: "rustc".to_owned(), source };
    let output =
        Command::new("rustc").args(["--print", what]).stdin(Stdio::null()).output().map_err(start)?;
    if !output.status.success() {
        output::note(String::from_utf8_lossy(&output.stderr).trim());
        return Err(SetupError::Failed { command: format!("rustc --print {what}"), status: output.status });
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

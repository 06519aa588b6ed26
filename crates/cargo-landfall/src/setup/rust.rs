//! The Rust target of kernels.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::SetupError;
use crate::build::TARGET;
use crate::output;

/// Makes sure that kernels can be compiled: adds their target through rustup where it is missing.
///
/// # Errors
/// [`SetupError`] where there is no Rust, or the target is missing and rustup cannot add it.
pub fn target() -> Result<(), SetupError> {
    if library()?.is_dir() {
        return Ok(());
    }
    output::note(format_args!(
        "setup: the Rust target {TARGET} is missing, in which kernels are compiled; rustup adds it"
    ));
    let mut rustup = Command::new("rustup");
    // rustup's stdout is for people, and ours is for results.
    let status =
        rustup.args(["target", "add", TARGET]).stdin(Stdio::null()).stdout(std::io::stderr()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(SetupError::Failed { command: format!("rustup target add {TARGET}"), status }),
        Err(_) => Err(SetupError::NoRustup { target: TARGET }),
    }
}

/// Where the target's core library lies, once it is there. True of every Rust, whether rustup manages it or not.
fn library() -> Result<PathBuf, SetupError> {
    let start = |source| SetupError::Start { program: "rustc".to_owned(), source };
    let output =
        Command::new("rustc").args(["--print", "sysroot"]).stdin(Stdio::null()).output().map_err(start)?;
    if !output.status.success() {
        output::note(String::from_utf8_lossy(&output.stderr).trim());
        return Err(SetupError::Failed {
            command: "rustc --print sysroot".to_owned(),
            status: output.status,
        });
    }
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    Ok(sysroot.join("lib/rustlib").join(TARGET).join("lib"))
}

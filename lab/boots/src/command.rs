//! The command `cargo landfall`, built from the sources of this checkout.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use landfall_host::kernel::cargo;
use serde_json::Value;

/// Returns the path of the built command; it is built once.
///
/// # Errors
/// Returns the reason why the command does not build.
pub fn path() -> Result<&'static Path, String> {
    static PATH: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PATH.get_or_init(build).as_deref().map_err(Clone::clone)
}

fn build() -> Result<PathBuf, String> {
    let output = cargo()
        .args(["build", "--package", "cargo-landfall", "--message-format=json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    let built = text.lines().find_map(executable).filter(|_| output.status.success());
    built.ok_or_else(|| "the command does not build".to_owned())
}

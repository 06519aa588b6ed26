//! Programs that are no kernels of landfall's.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;

use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;

/// Builds a program that is no kernel of landfall's: it has no record and no seal.
pub(super) fn build_bare(package: &str) -> Result<PathBuf, String> {
    let output = cargo()
        .args(["build", "--release", "--target", TARGET, "--package", package])
        .arg("--message-format=json-render-diagnostics")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo did not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let artifact = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    let built = text.lines().find_map(artifact);
    built.filter(|_| output.status.success()).ok_or_else(|| format!("{package} does not build"))
}

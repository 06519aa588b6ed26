//! Cargo builds the kernel.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::BuildError;
use crate::kernel::{Artifact, Package, cargo};

/// The Rust target of every kernel.
pub const TARGET: &str = "riscv64gc-unknown-none-elf";

/// Allows the linker to leave relocations that `rebase` cannot apply: the build script of a kernel
/// reads this. This command finds and names them, which the linker's error does not.
const INSPECTED: (&str, &str) = ("LANDFALL_BUILD", "1");

/// The profile of kernels, unless the user names another.
const PROFILE: &str = "release";

/// Builds `package` and returns the path of its ELF. Cargo's own words go to stderr as they come.
/// `configure` adds to the command.
pub(super) fn cargo_build(
    package: &Package,
    configure: impl FnOnce(&mut Command),
) -> Result<PathBuf, BuildError> {
    let no_cargo = |source| BuildError::NoCargo { source };
    let mut command = cargo();
    let Package { name, manifest_path, artifact, options } = package;
    command
        .args(["build", "--profile", options.profile.as_deref().unwrap_or(PROFILE), "--target", TARGET])
        .args(["--package", name, "--message-format=json-render-diagnostics"])
        .env(INSPECTED.0, INSPECTED.1)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    if let Some(path) = manifest_path {
        command.arg("--manifest-path").arg(path);
    }
    if let Some(artifact) = artifact {
        command.args([artifact.option(), artifact.name()]);
    }
    for features in &options.features {
        command.args(["--features", features]);
    }
    configure(&mut command);
    let mut child = command.spawn().map_err(no_cargo)?;
    let mut binaries = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            binaries.extend(executable(&line.map_err(no_cargo)?));
        }
    }
    if !child.wait().map_err(no_cargo)?.success() {
        return Err(BuildError::Cargo { package: package.to_string() });
    }
    choose(artifact.as_ref().map_or(name.as_str(), Artifact::name), binaries)
}

/// An executable that Cargo has built.
#[derive(Debug, PartialEq, Eq)]
struct Binary {
    /// The name of its target.
    name: String,
    path: PathBuf,
}

/// Returns the binary that a line of Cargo's output names.
fn executable(line: &str) -> Option<Binary> {
    let message: Value = serde_json::from_str(line).ok()?;
    let path = message["executable"].as_str()?;
    Some(Binary { name: message["target"]["name"].as_str()?.to_owned(), path: path.into() })
}

/// Returns the only binary, or the one with this name.
fn choose(package: &str, mut binaries: Vec<Binary>) -> Result<PathBuf, BuildError> {
    if binaries.len() > 1 {
        binaries.retain(|binary| binary.name == package);
    }
    match <[_; 1]>::try_from(binaries) {
        Ok([binary]) => Ok(binary.path),
        Err(binaries) => Err(BuildError::Binaries {
            package: package.to_owned(),
            found: binaries.into_iter().map(|binary| binary.name).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries_are_found_in_what_cargo_prints() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"hello"},"executable":"/t/hello"}"#;
        assert_eq!(executable(line), Some(Binary { name: "hello".into(), path: "/t/hello".into() }));
        for other in ["", "{}", "null", r#"{"executable":null}"#, r#"{"executable":"/t/x"}"#, "[1"] {
            assert_eq!(executable(other), None, "{other}");
        }
    }

    #[test]
    fn the_binary_named_like_the_package_is_the_kernel() {
        let binary = |name: &str| Binary { name: name.to_owned(), path: name.into() };
        assert!(choose("a", vec![binary("b")]).is_ok_and(|path| path.as_os_str() == "b"));
        assert!(choose("a", vec![binary("b"), binary("a")]).is_ok_and(|path| path.as_os_str() == "a"));
        assert!(choose("a", vec![binary("b"), binary("c")]).is_err());
        assert!(choose("a", vec![]).is_err());
    }
}

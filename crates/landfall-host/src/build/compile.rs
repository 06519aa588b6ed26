//! Cargo builds the kernel.

use std::io::{self, BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, thread};

use serde_json::Value;

use super::BuildError;
use super::compiled::{Compiled, unit};
use super::words::{Way, Words, hear};
use crate::kernel::{Artifact, ModulePackage, Package, cargo};

/// The Rust target of every kernel.
pub const TARGET: &str = "riscv64gc-unknown-none-elf";

/// Allows the linker to leave relocations that `rebase` cannot apply: the build script of a kernel
/// reads this. This command finds and names them, which the linker's error does not.
const INSPECTED: (&str, &str) = ("LANDFALL_BUILD", "1");

/// The profile of kernels, unless the user names another.
const PROFILE: &str = "release";

/// Builds `package`. `configure` adds to the command.
pub(super) fn cargo_build(
    package: &Package,
    way: Way,
    configure: impl FnOnce(&mut Command),
) -> Result<Compiled, BuildError> {
    let Package { name, manifest_path, artifact, options } = package;
    let mut command = building(options.profile.as_deref().unwrap_or(PROFILE), name);
    command.env(INSPECTED.0, INSPECTED.1);
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
    let (mut binaries, mut units) = (Vec::new(), Vec::new());
    let words = run(command, way, &package.to_string(), |line| {
        binaries.extend(executable(line));
        units.extend(unit(line));
    })?;
    let linked = choose(artifact.as_ref().map_or(name.as_str(), Artifact::name), binaries)?;
    Ok(Compiled { linked, units, words })
}

/// Returns Cargo's command that builds a package for the target, and prints what it has built.
fn building(profile: &str, package: &str) -> Command {
    let mut command = cargo();
    command
        .args(["build", "--profile", profile, "--target", TARGET])
        .args(["--package", package, "--message-format=json-render-diagnostics"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

/// Runs Cargo for `package`. `read` gets each line of its output.
fn run(
    mut command: Command,
    way: Way,
    package: &str,
    mut read: impl FnMut(&str),
) -> Result<Words, BuildError> {
    let no_cargo = |source| BuildError::NoCargo { source };
    if way == Way::Heard {
        command.stderr(Stdio::piped());
        // A user's own choice stands.
        if io::stderr().is_terminal() && ["NO_COLOR", "CARGO_TERM_COLOR"].map(env::var_os) == [None, None] {
            command.env("CARGO_TERM_COLOR", "always");
        }
    }
    let mut child = command.spawn().map_err(no_cargo)?;
    let heard = child.stderr.take().map(|stderr| thread::spawn(move || hear(stderr, io::stderr())));
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            read(&line.map_err(no_cargo)?);
        }
    }
    let status = child.wait().map_err(no_cargo)?;
    let words = heard.map_or(Words::Unheard, |heard| heard.join().unwrap_or(Words::Others));
    if !status.success() {
        return Err(BuildError::Cargo { package: package.to_owned() });
    }
    Ok(words)
}

/// The variable by which the macro `module!` learns the kernel's build ID.
const KERNEL: &str = "LANDFALL_KERNEL_BUILD_ID";

/// Builds the static library of a module as one object file, and returns its path.
pub(super) fn library(package: &ModulePackage, build_id: &str) -> Result<PathBuf, BuildError> {
    let ModulePackage { name, library, manifest_path, options } = package;
    let profile = options.profile.as_deref().unwrap_or(PROFILE);
    // Cargo's folder for the profile `dev` has another name, and its settings have this one.
    let setting = |setting: &str| format!("profile.{profile}.{setting}");
    let mut command = building(profile, name);
    command
        .arg("--lib")
        .args(["--config", &setting("lto=\"fat\""), "--config", &setting("codegen-units=1")])
        .env(KERNEL, build_id);
    if let Some(path) = manifest_path {
        command.arg("--manifest-path").arg(path);
    }
    for features in &options.features {
        command.args(["--features", features]);
    }
    archive(command, name, library)
}

/// Builds the static library of a package in a checkout, with the settings of the checkout's
/// own profile for kernels.
pub(super) fn archive_of(checkout: &Path, package: &str) -> Result<PathBuf, BuildError> {
    let mut command = building(PROFILE, package);
    // Cargo reads its settings from the current directory.
    command.current_dir(checkout);
    archive(command, package, &package.replace('-', "_"))
}

/// Runs Cargo for `package`, and returns the static library of this name.
fn archive(command: Command, package: &str, library: &str) -> Result<PathBuf, BuildError> {
    let mut found = Vec::new();
    run(command, Way::Straight, package, |line| found.extend(archive_in(line, library)))?;
    found.into_iter().next().ok_or_else(|| BuildError::NoArchive { package: package.to_owned() })
}

/// Returns the static library of this name that a line of Cargo's output names.
fn archive_in(line: &str, library: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_it = message["target"]["name"].as_str() == Some(library);
    let files = message["filenames"].as_array().filter(|_| is_it)?;
    let mut files = files.iter().filter_map(Value::as_str).map(PathBuf::from);
    files.find(|file| file.extension().is_some_and(|extension| extension == "a"))
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
    fn the_static_library_of_a_name_is_found_in_what_cargo_prints() {
        let line = r#"{"target":{"name":"greet"},"filenames":["/t/libgreet.rlib","/t/libgreet.a"]}"#;
        assert_eq!(archive_in(line, "greet"), Some("/t/libgreet.a".into()));
        assert_eq!(archive_in(line, "other"), None);
        assert_eq!(archive_in(r#"{"target":{"name":"greet"}}"#, "greet"), None);
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

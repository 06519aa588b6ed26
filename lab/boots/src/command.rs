//! The command `cargo landfall`, built from the sources of this checkout.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::SystemTime;

use landfall_host::kernel::cargo;
use serde_json::Value;

/// Returns the path of the built command; it is built once.
///
/// `cargo test` has built it for the command's own tests, with the features that all packages
/// together need. A build of the package alone has other features, and compiles most crates again.
///
/// # Errors
/// Returns the reason why the command does not build.
pub fn path() -> Result<&'static Path, String> {
    static PATH: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PATH.get_or_init(|| built().map_or_else(build, Ok)).as_deref().map_err(Clone::clone)
}

/// Returns the command beside this program, if it is newer than all that it was built from.
fn built() -> Option<PathBuf> {
    let folder = std::env::current_exe().ok()?.parent()?.parent()?.to_owned();
    let program = folder.join("cargo-landfall");
    let since = modified(&program)?;
    let files = fs::read_to_string(folder.join("cargo-landfall.d")).ok()?;
    let manifests = fs::read_dir("crates").ok()?.flatten().map(|entry| entry.path().join("Cargo.toml"));
    let settings = ["Cargo.toml", "Cargo.lock", ".cargo/config.toml"].map(PathBuf::from);
    let sources = sources(&files).chain(manifests).chain(settings);
    is_newer(since, sources).then_some(program)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|found| found.modified()).ok()
}

/// Returns true if each of `files` exists and is older than `since`.
fn is_newer(since: SystemTime, mut files: impl Iterator<Item = PathBuf>) -> bool {
    files.all(|file| modified(&file).is_some_and(|modified| modified < since))
}

/// Returns the sources in a file of make rules, as Cargo writes them: one rule, spaces in names
/// escaped.
fn sources(rules: &str) -> impl Iterator<Item = PathBuf> {
    let rule = rules.lines().next().and_then(|line| line.split_once(": "));
    let names = rule.map(|(_, names)| names.replace("\\ ", "\0")).unwrap_or_default();
    let names: Vec<_> = names.split_whitespace().map(|name| name.replace('\0', " ").into()).collect();
    names.into_iter()
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn names_in_rules_may_have_spaces() {
        let found: Vec<_> = sources("/t/x: /a/b.rs /a\\ c/d.rs\n\n/a/b.rs:\n").collect();
        assert_eq!(found, [PathBuf::from("/a/b.rs"), "/a c/d.rs".into()]);
        assert_eq!(sources("").count(), 0);
    }

    #[test]
    fn a_program_is_built_again_if_a_source_is_newer_or_missing() {
        let folder = landfall_host::private::folder("landfall-").expect("a folder");
        let file = folder.path().join("source");
        fs::write(&file, "").expect("a file");
        let written = modified(&file).expect("its time");
        let newer =
            |since, names: &[&str]| is_newer(since, names.iter().map(|name| folder.path().join(name)));
        let later = written + Duration::from_secs(1);
        assert!(newer(later, &["source"]));
        assert!(!newer(written, &["source"]), "the same time may be a change");
        assert!(!newer(later, &["source", "missing"]));
    }
}

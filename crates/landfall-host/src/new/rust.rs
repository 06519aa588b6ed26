//! A kernel in Rust.
//!
//! Cargo makes the package, as it makes others: it knows which names are good, and about workspaces
//! and version control around. Then come our files.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::{NewError, is_new, write};
use crate::checkout;
use crate::kernel::cargo;
use crate::output;

/// The files that follow no workspace: where they go, and what is in them.
const FILES: [(&str, &str); 7] = [
    ("src/main.rs", include_str!("template/rust/main.rs")),
    ("tests/boot.rs", include_str!("template/rust/boot.rs")),
    ("build.rs", include_str!("template/rust/build.rs")),
    (".cargo/config.toml", include_str!("template/rust/config.toml")),
    ("rust-toolchain.toml", include_str!("template/rust/rust-toolchain.toml")),
    (".github/workflows/test.yml", include_str!("template/rust/test.yml")),
    ("README.md", include_str!("template/rust/README.md")),
];
const MANIFEST: &str = include_str!("template/rust/manifest.toml");
/// Only the root of a workspace may have those.
const PROFILES: &str = include_str!("template/rust/profiles.toml");

/// Makes a package at `path`, which uses the crates in `checkout`.
pub(super) fn make(path: &Path, name: &str, checkout: &Path) -> Result<(), NewError> {
    if lies_in(path, checkout) || checkout::around_here().is_some_and(|around| lies_in(path, &around)) {
        return Err(NewError::Inside { path: path.to_owned(), name: name.to_owned() });
    }
    if checkout::has_crate(checkout, name) {
        return Err(NewError::Taken { name: name.to_owned(), checkout: checkout.to_owned() });
    }
    is_new(path)?;
    cargo_new(path, name)?;
    let folder = path.canonicalize().map_err(|source| NewError::Write { path: path.to_owned(), source })?;
    let profiles = if is_workspace_root(path) { PROFILES } else { "" };
    let manifest = format!("{MANIFEST}{profiles}")
        .replace("{landfall}", &checkout::dependency(checkout, "landfall", &folder))
        .replace("{landfall-build}", &checkout::dependency(checkout, "landfall-build", &folder));
    for (file, text) in FILES.into_iter().chain([("Cargo.toml", manifest.as_str())]) {
        write(&path.join(file), &text.replace("{name}", name))?;
    }
    Ok(())
}

fn cargo_new(path: &Path, name: &str) -> Result<(), NewError> {
    let mut command = cargo();
    command.args(["new", "--quiet", "--bin", "--color", "never", "--"]).arg(path).stdin(Stdio::null());
    let output = command.output().map_err(|source| NewError::NoCargo { source })?;
    let messages = String::from_utf8_lossy(&output.stderr);
    if !output.status.success()
        && let Some(reason) = bad_name(&messages)
    {
        return Err(NewError::Name { name: name.to_owned(), reason });
    }
    if !messages.is_empty() {
        output::note(messages.trim_end());
    }
    if output.status.success() { Ok(()) } else { Err(NewError::Cargo { path: path.to_owned() }) }
}

/// Returns Cargo's reason against a name. The help that follows it names options of `cargo new`,
/// which this command does not have.
fn bad_name(messages: &str) -> Option<String> {
    let error = messages.lines().find_map(|line| line.strip_prefix("error: "))?;
    error.contains("package name").then(|| error.to_owned())
}

/// Returns true if no workspace contains the package.
fn is_workspace_root(path: &Path) -> bool {
    let output = cargo()
        .args(["locate-project", "--workspace", "--message-format", "plain"])
        .current_dir(path)
        .stdin(Stdio::null())
        .output();
    let root = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let own = path.join("Cargo.toml").canonicalize();
    match (root.map(|root| PathBuf::from(root.trim()).canonicalize()), own) {
        (Some(Ok(root)), Ok(own)) => root == own,
        _ => true,
    }
}

/// Returns true if the folder of `path` is in `folder`.
fn lies_in(path: &Path, folder: &Path) -> bool {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    parent.canonicalize().is_ok_and(|parent| parent.starts_with(folder))
}

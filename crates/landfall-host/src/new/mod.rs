//! `cargo landfall new`: a kernel that lands, tests itself and has no warnings.
//!
//! Cargo makes the package, as it makes others: it knows which names are good, and about workspaces
//! and version control around. Then come our files.

pub mod landfall;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use landfall_inspect::Escaped;
use thiserror::Error;

use crate::kernel::cargo;
use crate::output;
use landfall::VARIABLE;

/// The files that follow no workspace: where they go, and what is in them.
const FILES: [(&str, &str); 7] = [
    ("src/main.rs", include_str!("template/main.rs")),
    ("tests/boot.rs", include_str!("template/boot.rs")),
    ("build.rs", include_str!("template/build.rs")),
    (".cargo/config.toml", include_str!("template/config.toml")),
    ("rust-toolchain.toml", include_str!("template/rust-toolchain.toml")),
    (".github/workflows/test.yml", include_str!("template/test.yml")),
    ("README.md", include_str!("template/README.md")),
];
const MANIFEST: &str = include_str!("template/manifest.toml");
/// Only the root of a workspace may have those.
const PROFILES: &str = include_str!("template/profiles.toml");

/// Why there is no new kernel.
#[derive(Debug, Error)]
pub enum NewError {
    /// Cargo cannot be started.
    #[error("cargo did not start: {source}")]
    NoCargo {
        /// The system's error.
        source: io::Error,
    },
    /// Cargo has printed the fault.
    #[error("cargo created no package at {path}; its messages are above")]
    Cargo {
        /// The path of the package.
        path: PathBuf,
    },
    /// Cargo accepts no package of that name.
    #[error("a kernel cannot have the name \"{}\"; {reason}; choose another name, such as my-kernel", Escaped::new(.name))]
    Name {
        /// The name.
        name: String,
        /// Cargo's reason.
        reason: String,
    },
    /// The path exists.
    #[error("{path} exists; a new kernel needs a new folder; choose another name")]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A place where this command's own settings would get in the kernel's way.
    #[error(
        "{path} is in landfall's own checkout, whose Cargo settings do not suit a kernel; choose a place outside, such as ../{name}"
    )]
    Checkout {
        /// The path.
        path: PathBuf,
        /// The kernel's name.
        name: String,
    },
    /// A crate of the checkout has the kernel's name.
    #[error(
        "the name \"{name}\" belongs to a crate in {checkout}; Cargo refuses two packages of one name and version; choose another name"
    )]
    Taken {
        /// The kernel's name.
        name: String,
        /// The path of the checkout.
        checkout: PathBuf,
    },
    /// The path that the user gave is no checkout.
    #[error(
        "{path} is not a checkout of landfall; crates/landfall or crates/landfall-build is missing; name the folder that `git clone` created"
    )]
    NoCheckout {
        /// The path.
        path: PathBuf,
    },
    /// No checkout is known.
    #[error(
        "no checkout of landfall contains the current directory; the kernel's Cargo.toml requires its path, since its crates are not on crates.io; \
         name the checkout with --landfall PATH or {VARIABLE}"
    )]
    NoLandfall,
    /// A path that names no package.
    #[error("{path} does not end with a name for the kernel; add a name")]
    NoName {
        /// The path.
        path: PathBuf,
    },
}

/// Makes a kernel at `path`, which must not exist, named like its last part. It uses the checkout
/// `landfall`, or the one that is found.
///
/// # Errors
/// [`NewError`] if there is no checkout, or no package can be made.
pub fn run(path: &Path, landfall: Option<&Path>) -> Result<(), NewError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| NewError::NoName { path: path.to_owned() })?;
    let checkout = landfall::find(landfall)?;
    if lies_in(path, &checkout) || landfall::around_here().is_some_and(|around| lies_in(path, &around)) {
        return Err(NewError::Checkout { path: path.to_owned(), name: name.to_owned() });
    }
    if landfall::has_crate(&checkout, name) {
        return Err(NewError::Taken { name: name.to_owned(), checkout });
    }
    if path.symlink_metadata().is_ok() {
        return Err(NewError::Exists { path: path.to_owned() });
    }
    cargo_new(path, name)?;
    let folder = path.canonicalize().map_err(|source| NewError::Write { path: path.to_owned(), source })?;
    let profiles = if is_workspace_root(path) { PROFILES } else { "" };
    let manifest = format!("{MANIFEST}{profiles}")
        .replace("{landfall}", &landfall::dependency(&checkout, "landfall", &folder))
        .replace("{landfall-build}", &landfall::dependency(&checkout, "landfall-build", &folder));
    for (file, text) in FILES.into_iter().chain([("Cargo.toml", manifest.as_str())]) {
        write(&path.join(file), &text.replace("{name}", name))?;
    }
    output::note(format_args!("{name} uses the landfall in {}.", checkout.display()));
    output::note(format_args!("{name} is a kernel that lands. Boot it:"));
    output::note(format_args!("    cd {} && cargo run", path.display()));
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

fn write(path: &Path, text: &str) -> Result<(), NewError> {
    let failed = |source| NewError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

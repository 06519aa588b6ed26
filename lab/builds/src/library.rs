//! The Rust part of the kernel.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;
use landfall_host::setup;
use serde_json::Value;

/// Returns the static library of the kernel `archive`, which is built once.
///
/// # Errors
/// Returns the reason why it does not build.
pub fn library() -> Result<&'static Path, String> {
    static LIBRARY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    LIBRARY.get_or_init(build).as_deref().map_err(Clone::clone)
}

/// Returns the folder of the kernel's other sources.
#[must_use]
pub fn sources() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn checkout() -> &'static Path {
    sources().parent().and_then(Path::parent).unwrap_or(sources())
}

fn build() -> Result<PathBuf, String> {
    setup::rust_target().map_err(|error| error.to_string())?;
    let mut cargo = cargo();
    cargo.args([
        "build",
        "--release",
        "--target",
        TARGET,
        "--package",
        "archive",
        "--message-format=json-render-diagnostics",
    ]);
    let printed = super::run(cargo.current_dir(checkout()))?;
    let mut files = printed.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["filenames"].as_array()?.iter().find_map(|file| {
            let path = Path::new(file.as_str()?);
            path.ends_with("libarchive.a").then(|| path.to_owned())
        })
    });
    files.next().ok_or_else(|| "Cargo has built no libarchive.a".to_owned())
}

//! Static libraries, as Cargo builds them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;
use landfall_host::setup;
use serde_json::Value;

/// Returns the static library of the kernel `archive`, which is built once.
///
/// # Errors
/// Returns the reason why it does not build.
pub fn library() -> Result<&'static Path, String> {
    static_library("archive", "libarchive.a")
}

/// Returns the static library `file` of a package, which is built once.
pub(crate) fn static_library(package: &'static str, file: &'static str) -> Result<&'static Path, String> {
    type Built = Result<&'static Path, String>;
    static LIBRARIES: OnceLock<Mutex<HashMap<&str, Built>>> = OnceLock::new();
    let libraries = LIBRARIES.get_or_init(Mutex::default);
    let mut libraries = libraries.lock().unwrap_or_else(PoisonError::into_inner);
    let built = || build(package, file).map(|path| -> &Path { Box::leak(path.into_boxed_path()) });
    libraries.entry(package).or_insert_with(built).clone()
}

/// Returns the folder of the kernel's other sources.
#[must_use]
pub fn sources() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the root of the checkout.
#[must_use]
pub fn checkout() -> &'static Path {
    sources().parent().and_then(Path::parent).unwrap_or(sources())
}

fn build(package: &str, file: &str) -> Result<PathBuf, String> {
    setup::rust_target().map_err(|error| error.to_string())?;
    let mut cargo = cargo();
    cargo.args([
        "build",
        "--release",
        "--target",
        TARGET,
        "--package",
        package,
        "--message-format=json-render-diagnostics",
    ]);
    let printed = super::run(cargo.current_dir(checkout()))?;
    let mut files = printed.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["filenames"].as_array()?.iter().find_map(|name| {
            let path = Path::new(name.as_str()?);
            path.ends_with(file).then(|| path.to_owned())
        })
    });
    files.next_back().ok_or_else(|| format!("Cargo has built no {file}"))
}

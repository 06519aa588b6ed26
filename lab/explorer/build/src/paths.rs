//! The places of sources and results.

use std::env;
use std::path::PathBuf;

/// The checkout.
pub(crate) fn checkout() -> PathBuf {
    // Cargo sets it for what it runs, so that a built tool serves another checkout too.
    let here = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let here = here.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    here.ancestors().nth(3).unwrap_or(&here).to_owned()
}

/// The workspace of engine and tool.
pub(crate) fn workspace() -> PathBuf {
    checkout().join("lab/explorer")
}

/// The crate of the page.
pub(crate) fn explorer() -> PathBuf {
    checkout().join("crates/landfall-explorer")
}

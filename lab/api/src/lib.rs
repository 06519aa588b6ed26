//! Listings of the public API of the published crates.
//!
//! ```text
//! toolchain   the Rust that writes rustdoc's JSON
//! listing     one crate: its items, its file, the difference between both
//! ```

pub mod listing;
pub mod toolchain;

use std::path::Path;

use landfall_project::{Target, Workspace};
use listing::{Documenter, Listing, ListingError};

/// Returns the listing of each published package that has a library, by name. `program` is this
/// package's binary.
///
/// # Errors
/// Returns the error of the first package that cannot be documented or read.
pub fn listings(program: &Path) -> Result<Vec<Listing>, ListingError> {
    let workspace = Workspace::read().map_err(|error| ListingError::Workspace(error.to_string()))?;
    let mut packages = workspace.published();
    packages.retain(|package| package.targets.iter().any(Target::is_lib));
    packages.sort_by_key(|package| package.name.to_string());
    let how = Documenter { program, target: workspace.target_folder() };
    packages.into_iter().map(|package| Listing::of(package, how)).collect()
}

//! The checkout of landfall that a kernel uses, found when the command runs.
//!
//! The crates are not on crates.io, so a version in a new manifest could not be resolved. A path
//! can; it says where the crates are now, and nothing of where this command was compiled.

use std::env;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

/// The variable that names a checkout.
const VARIABLE: &str = "LANDFALL_PATH";

/// The crates that a kernel names.
const CRATES: [&str; 2] = ["landfall", "landfall-build"];

/// The reason why no checkout is known.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckoutError {
    /// The path that the user gave is no checkout.
    #[error(
        "{path} is not a checkout of landfall; crates/landfall or crates/landfall-build is missing; name the folder that `git clone` created"
    )]
    Other {
        /// The path.
        path: PathBuf,
    },
    /// The user named none, and none is around the current directory.
    #[error(
        "no checkout of landfall contains the current directory; its crates are not on crates.io; \
         name the checkout with --landfall PATH or {VARIABLE}"
    )]
    Unknown,
}

/// Returns the checkout that the user names, or the one around the current directory; its path has
/// no links.
pub(crate) fn find(named: Option<&Path>) -> Result<PathBuf, CheckoutError> {
    let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = named.map(Path::to_owned).or(variable) {
        return checkout(&path).ok_or(CheckoutError::Other { path });
    }
    around_here().ok_or(CheckoutError::Unknown)
}

/// Returns the checkout around the current directory.
pub(crate) fn around_here() -> Option<PathBuf> {
    let current = env::current_dir().ok()?;
    current.ancestors().find_map(checkout)
}

fn checkout(path: &Path) -> Option<PathBuf> {
    if CRATES.into_iter().all(|name| has_crate(path, name)) { path.canonicalize().ok() } else { None }
}

/// Returns true if the folder `crates` in `path` contains the package `name`.
pub(crate) fn has_crate(path: &Path, name: &str) -> bool {
    let manifest = std::fs::read_to_string(path.join("crates").join(name).join("Cargo.toml"));
    let manifest = manifest.ok().and_then(|text| text.parse::<toml::Table>().ok());
    let found = manifest.as_ref().and_then(|manifest| manifest.get("package")?.get("name")?.as_str());
    found == Some(name)
}

/// Returns the dependency on a crate of `checkout` for the manifest in `kernel`; both paths have no
/// links.
pub(crate) fn dependency(checkout: &Path, name: &str, kernel: &Path) -> String {
    let path = relative(&checkout.join("crates").join(name), kernel);
    format!("{{ path = {:?} }}", path.display().to_string())
}

/// Returns `to` relative to the folder `from`, or as it is if the two have nothing in common but
/// the root.
fn relative(to: &Path, from: &Path) -> PathBuf {
    let common = to.components().zip(from.components()).take_while(|(to, from)| to == from).count();
    if common < 2 {
        return to.to_owned();
    }
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    up.chain(to.components().skip(common)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_relative_if_both_lie_in_one_folder() {
        for (to, from, expected) in [
            ("/home/a/landfall/crates/x", "/home/a/kernel", "../landfall/crates/x"),
            ("/home/a/landfall/crates/x", "/home/a/deep/kernel", "../../landfall/crates/x"),
            ("/opt/landfall/crates/x", "/home/a/kernel", "/opt/landfall/crates/x"),
        ] {
            assert_eq!(relative(Path::new(to), Path::new(from)), Path::new(expected), "{from}");
        }
    }

    #[test]
    fn a_folder_without_the_crates_is_no_checkout() {
        let folder = crate::private::folder("landfall-").expect("a folder");
        assert_eq!(checkout(folder.path()), None);
        for name in CRATES {
            let place = folder.path().join("crates").join(name);
            std::fs::create_dir_all(&place).expect("a folder");
            std::fs::write(place.join("Cargo.toml"), "[package]\nname = \"other\"\n").expect("a file");
        }
        assert_eq!(checkout(folder.path()), None);
        let error = find(Some(folder.path())).expect_err("no checkout").to_string();
        assert!(error.contains("crates/landfall"), "{error}");
    }
}

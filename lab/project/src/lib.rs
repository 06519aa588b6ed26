//! The packages of the workspace, as Cargo describes them.
//!
//! The tests of this crate hold the project to its own rules for publishing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

pub use cargo_metadata::{Package, Target};

/// Crates that a kernel names in its own manifest. Their dependencies run in kernels too.
const NAMED_BY_KERNELS: [&str; 6] = [
    "landfall",
    "landfall-rebase",
    "axplat-riscv64-landfall",
    "landfall-kexec",
    "landfall-modules",
    "landfall-wrapper",
];

/// Returns the root of the checkout.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The packages of the workspace.
#[derive(Debug)]
pub struct Workspace(Metadata);

impl Workspace {
    /// Asks Cargo for the workspace of this checkout.
    ///
    /// # Errors
    /// Returns Cargo's error, for example because a manifest is invalid.
    pub fn read() -> Result<Self, cargo_metadata::Error> {
        MetadataCommand::new().current_dir(root()).no_deps().exec().map(Self)
    }

    /// Returns the folder for what Cargo builds.
    #[must_use]
    pub fn target_folder(&self) -> &Path {
        self.0.target_directory.as_std_path()
    }

    /// Returns all packages of the workspace.
    #[must_use]
    pub fn packages(&self) -> Vec<&Package> {
        self.0.workspace_packages()
    }

    /// Returns the packages that go to the registry.
    #[must_use]
    pub fn published(&self) -> Vec<&Package> {
        self.packages().into_iter().filter(|package| is_published(package)).collect()
    }

    /// Returns the names of the workspace's packages whose code runs in kernels.
    #[must_use]
    pub fn run_in_kernels(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<_> = NAMED_BY_KERNELS.iter().map(|&name| name.to_owned()).collect();
        loop {
            let packages =
                self.packages().into_iter().filter(|package| names.contains(package.name.as_str()));
            let dependencies = packages.flat_map(|package| &package.dependencies);
            let ours = dependencies.filter(|used| used.kind == DependencyKind::Normal && used.path.is_some());
            // Macros run in the compiler.
            let ours = ours.filter(|used| !used.name.ends_with("-macros"));
            let more: BTreeSet<_> = ours.map(|used| used.name.clone()).collect();
            if more.is_subset(&names) {
                return names;
            }
            names.extend(more);
        }
    }
}

/// Returns true for a package whose manifest does not forbid to publish it.
#[must_use]
pub fn is_published(package: &Package) -> bool {
    package.publish.as_ref().is_none_or(|registries| !registries.is_empty())
}

/// Returns the folder of a package, relative to the checkout.
#[must_use]
pub fn folder(package: &Package) -> PathBuf {
    let manifest = package.manifest_path.as_std_path();
    let root = root().canonicalize().unwrap_or_default();
    let folder = manifest.parent().unwrap_or(manifest);
    folder.strip_prefix(root).unwrap_or(folder).to_owned()
}

//! The words by which a user selects a kernel, as Cargo's own commands take them.

use std::fmt;
use std::path::PathBuf;

use landfall_inspect::Accepted;

/// A user's selection. Without any word it is the kernel of the current directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// A package of the workspace, or a file.
    pub name: Option<String>,
    /// A package of the workspace: `--package`.
    pub package: Option<String>,
    /// The manifest of the package or workspace: `--manifest-path`.
    pub manifest_path: Option<PathBuf>,
    /// The binary or example of the package.
    pub artifact: Option<Artifact>,
    /// The options by which Cargo builds the package.
    pub options: BuildOptions,
    /// Findings that are accepted besides those of `landfall.toml`.
    pub allow: Vec<Accepted>,
}

/// A part of a package that is linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Artifact {
    /// `--bin`.
    Bin(String),
    /// `--example`.
    Example(String),
}

/// Options that go to `cargo build` unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// The profile; `release` if none is named.
    pub profile: Option<String>,
    /// Features of the package.
    pub features: Vec<String>,
}

impl Selection {
    /// Selects a kernel by one word: a package of the workspace, or a file.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::default() }
    }

    /// Returns true if the user names neither package nor file.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        self.name.is_none()
            && self.package.is_none()
            && self.manifest_path.is_none()
            && self.artifact.is_none()
    }

    /// Returns the words of a command line that selects the same kernel.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.name.iter().cloned().collect();
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        if let Some(package) = &self.package {
            option("--package", package.clone());
        }
        if let Some(path) = &self.manifest_path {
            option("--manifest-path", path.display().to_string());
        }
        if let Some(artifact) = &self.artifact {
            option(artifact.option(), artifact.name().to_owned());
        }
        if let Some(profile) = &self.options.profile {
            option("--profile", profile.clone());
        }
        for features in &self.options.features {
            option("--features", features.clone());
        }
        // Findings of one symbol stand in `landfall.toml`, which both commands read.
        for accepted in self.allow.iter().filter(|accepted| accepted.symbol.is_none()) {
            option("--allow", format!("{}={}", accepted.code, accepted.reason));
        }
        words
    }

    /// Returns the first word that only a package can follow.
    pub(super) const fn word_for_packages(&self) -> Option<&'static str> {
        match (&self.manifest_path, &self.artifact) {
            (Some(_), _) => Some("--manifest-path"),
            (None, Some(Artifact::Bin(_))) => Some("--bin"),
            (None, Some(Artifact::Example(_))) => Some("--example"),
            (None, None) if self.options.profile.is_some() => Some("--profile"),
            (None, None) if !self.options.features.is_empty() => Some("--features"),
            (None, None) => None,
        }
    }
}

impl Artifact {
    /// Returns the name of the binary or example.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Bin(name) | Self::Example(name) => name,
        }
    }

    /// Returns the option by which Cargo builds this part alone.
    #[must_use]
    pub const fn option(&self) -> &'static str {
        match self {
            Self::Bin(_) => "--bin",
            Self::Example(_) => "--example",
        }
    }
}

impl fmt::Display for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.option(), self.name())
    }
}

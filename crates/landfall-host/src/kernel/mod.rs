//! The kernel that a user selects, and the kind of file that holds a kernel.
//!
//! ```text
//! selection   the words of the command line
//! module      the package of a module
//! package     the packages of a workspace, and Cargo's choice among them
//! ```

mod module;
mod package;
mod selection;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use landfall_image::header::{self, MAGIC2};
use object::elf::ET_REL;
use serde_json::Value;
use thiserror::Error;

pub use module::ModulePackage;
pub use package::Package;
pub(crate) use package::Workspace;
use package::{Member, NoChoice};
pub use selection::{Artifact, BuildOptions, Selection};

/// The offset of `e_type` in an ELF header.
const E_TYPE: usize = 0x10;

/// The kernel that a user selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// A package of the workspace.
    Package(Package),
    /// A file, used as it is.
    File(KernelFile),
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package(package) => write!(f, "{package}"),
            Self::File(file) => write!(f, "{}", file.path().display()),
        }
    }
}

/// A file that holds a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KernelFile {
    /// An ELF.
    Elf(PathBuf),
    /// A flat image with the boot header of Linux.
    Flat(PathBuf),
}

/// Why no kernel is selected.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KernelError {
    /// The path names something else than a file.
    #[error("{path} is not a regular file; name a package, an ELF or a flat image")]
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// No name, and no package here.
    #[error(
        "no kernel is selected; this folder is in no Cargo package; name a file, use --manifest-path, or run this in a kernel's folder\n{cargo}"
    )]
    NoPackage {
        /// Cargo's message.
        cargo: String,
    },
    /// No name, and no package here is a kernel.
    #[error(
        "no kernel is selected; none of the packages here ({}) has a binary and the build dependency landfall-build; name a package or a file",
        .packages.join(", ")
    )]
    NoKernel {
        /// The packages of the workspace.
        packages: Vec<String>,
    },
    /// No name, and several kernels.
    #[error("several packages here are kernels ({}); choose one with --package, or run this in its folder", .packages.join(", "))]
    Several {
        /// Their names.
        packages: Vec<String>,
    },
    /// The workspace names a kernel that it does not have.
    #[error("workspace.metadata.landfall.kernel is \"{name}\", but no package here has that name; choose one of: {}", .packages.join(", "))]
    Preferred {
        /// The name.
        name: String,
        /// The packages of the workspace.
        packages: Vec<String>,
    },
    /// The package has several binaries, or none.
    #[error("{}", artifacts(.package, .binaries, .examples))]
    NoBinary {
        /// The package.
        package: String,
        /// Its binaries.
        binaries: Vec<String>,
        /// Its examples.
        examples: Vec<String>,
    },
    /// The package has no such part.
    #[error("the package {package} does not match `{wanted}`; it contains: {}", or_none(.known))]
    NoArtifact {
        /// The package.
        package: String,
        /// The part that the user named.
        wanted: Artifact,
        /// The parts of that kind.
        known: Vec<String>,
    },
    /// An option that selects part of a package, and a file.
    #[error("{option} applies to packages, but {path} is a file; remove one of them")]
    OptionForPackages {
        /// The option.
        option: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// Neither a file nor a package.
    #[error("no kernel \"{name}\"; it is neither a file nor a package of this workspace; choose one of: {}", .packages.join(", "))]
    Unknown {
        /// The word.
        name: String,
        /// The valid choices.
        packages: Vec<String>,
    },
    /// Not a file, and there is no workspace.
    #[error(
        "no kernel \"{name}\"; no such file exists, and this folder is in no Cargo workspace; \
         name a file, or run this in a workspace\n{cargo}"
    )]
    NoWorkspace {
        /// The word.
        name: String,
        /// Cargo's message.
        cargo: String,
    },
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file is something else.
    #[error(
        "{path} is not a kernel; it begins with \"{}\" and has no magic2 \"RSC\\x05\" at offset 0x38; \
         name an ELF (\"\\x7fELF\") or a flat image (that magic2)",
        .start.escape_ascii()
    )]
    Neither {
        /// The file.
        path: PathBuf,
        /// Its first bytes.
        start: Vec<u8>,
    },
    /// The file is a module.
    #[error("{path} is a module, and no kernel; a kernel loads it; name the kernel")]
    Module {
        /// The file.
        path: PathBuf,
    },
    /// The package has no static library.
    #[error(
        "the package {package} is no module; it has no static library; write `crate-type = [\"staticlib\"]` below [lib] in its Cargo.toml"
    )]
    NoLibrary {
        /// The package.
        package: String,
    },
    /// No package here is a module.
    #[error("none of the packages here ({}) is a module; a module's library has `crate-type = [\"staticlib\"]`; name its package", .packages.join(", "))]
    NoModule {
        /// The packages of the workspace.
        packages: Vec<String>,
    },
    /// No name, and several modules.
    #[error("several packages here are modules ({}); name one behind --module, or run this in its folder", .packages.join(", "))]
    SeveralModules {
        /// Their names.
        packages: Vec<String>,
    },
    /// A file where only a package can be built.
    #[error("{path} is a file, which cannot be built; name a package of this workspace")]
    Built {
        /// The file.
        path: PathBuf,
    },
}

impl Kernel {
    /// Finds the kernel that `selection` stands for. A name is a file if it is written like a path,
    /// else a package, else a file.
    ///
    /// # Errors
    /// [`KernelError`] if there is no such kernel or package, or several could be meant.
    pub fn find(selection: &Selection) -> Result<Self, KernelError> {
        Ok(Choice::of(selection)?.kernel)
    }
}

/// The kernel that a user selected, and where it was found.
pub(crate) struct Choice {
    pub(crate) kernel: Kernel,
    /// The workspace, if no other member has a say in the choice.
    pub(crate) workspace: Option<Workspace>,
}

impl Choice {
    /// Finds a kernel as [`Kernel::find`] does.
    pub(crate) fn of(selection: &Selection) -> Result<Self, KernelError> {
        let name = selection.package.as_ref().or(selection.name.as_ref());
        if let Some(name) = selection.name.as_ref().filter(|name| is_path(name)) {
            return file(Path::new(name), selection);
        }
        let workspace = workspace(selection.manifest_path.as_deref());
        match (name, workspace) {
            (None, Err(cargo)) => Err(KernelError::NoPackage { cargo }),
            (None, Ok(workspace)) => {
                let current = current_manifest(selection.manifest_path.as_deref());
                let current = current.and_then(|manifest| workspace.at(&manifest));
                let kernel = match workspace.choose(current) {
                    Ok(member) => Kernel::Package(part(member, selection)?),
                    Err(reason) => return Err(no_choice(reason, names(&workspace))),
                };
                let is_sole = workspace.has_sole_choice(current);
                Ok(Self { kernel, workspace: is_sole.then_some(workspace) })
            }
            (Some(name), Ok(workspace)) => match workspace.member(plain_name(name)) {
                Some(member) => {
                    let kernel = Kernel::Package(part(member, selection)?);
                    Ok(Self { kernel, workspace: Some(workspace) })
                }
                None if selection.package.is_none() && Path::new(name).exists() => {
                    file(Path::new(name), selection)
                }
                None => Err(KernelError::Unknown { name: name.clone(), packages: names(&workspace) }),
            },
            (Some(name), Err(_)) if selection.package.is_none() && Path::new(name).exists() => {
                file(Path::new(name), selection)
            }
            (Some(name), Err(cargo)) => Err(KernelError::NoWorkspace { name: name.clone(), cargo }),
        }
    }
}

/// Returns true if a word is written like a path and not like a package's name.
fn is_path(name: &str) -> bool {
    Path::new(name).components().count() > 1 || name.contains('/')
}

/// Returns the name in a package specification such as `kernel@0.1.0`.
fn plain_name(specification: &str) -> &str {
    specification.split_once('@').map_or(specification, |(name, _)| name)
}

fn names(workspace: &Workspace) -> Vec<String> {
    workspace.members.iter().map(|member| member.name.clone()).collect()
}

fn file(path: &Path, selection: &Selection) -> Result<Choice, KernelError> {
    if let Some(option) = selection.word_for_packages() {
        return Err(KernelError::OptionForPackages { option, path: path.to_owned() });
    }
    Ok(Choice { kernel: Kernel::File(KernelFile::recognise(path)?), workspace: None })
}

/// Returns the part of `member` that the user selected, or that Cargo would run.
fn part(member: &Member, selection: &Selection) -> Result<Package, KernelError> {
    let artifact = match &selection.artifact {
        Some(wanted) if member.has(wanted) => wanted.clone(),
        Some(wanted) => {
            return Err(KernelError::NoArtifact {
                package: member.name.clone(),
                wanted: wanted.clone(),
                known: member.parts(wanted).to_vec(),
            });
        }
        None => member.binary().ok_or_else(|| KernelError::NoBinary {
            package: member.name.clone(),
            binaries: member.binaries.clone(),
            examples: member.examples.clone(),
        })?,
    };
    Ok(Package {
        name: member.name.clone(),
        manifest_path: selection.manifest_path.clone(),
        artifact: Some(artifact),
        options: selection.options.clone(),
    })
}

fn no_choice(reason: NoChoice, packages: Vec<String>) -> KernelError {
    match reason {
        NoChoice::None => KernelError::NoKernel { packages },
        NoChoice::Several(packages) => KernelError::Several { packages },
        NoChoice::Preferred(name) => KernelError::Preferred { name, packages },
    }
}

fn artifacts(package: &str, binaries: &[String], examples: &[String]) -> String {
    match (binaries, examples) {
        ([], []) => format!("the package {package} has no binary; name another package"),
        ([], examples) => format!(
            "the package {package} has no binary, but the examples {}; choose one with --example",
            examples.join(", ")
        ),
        (binaries, _) => format!(
            "the package {package} has the binaries {}; choose one with --bin, or set `default-run`",
            binaries.join(", ")
        ),
    }
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl KernelFile {
    /// Returns the kind of the file at `path`, judged by its first bytes.
    ///
    /// # Errors
    /// [`KernelError::NoFile`], [`KernelError::Read`], [`KernelError::Module`], or
    /// [`KernelError::Neither`].
    pub fn recognise(path: &Path) -> Result<Self, KernelError> {
        let read = |source| KernelError::Read { path: path.to_owned(), source };
        let mut start = Vec::new();
        // A pipe would block for ever.
        if !fs::metadata(path).map_err(read)?.is_file() {
            return Err(KernelError::NoFile { path: path.to_owned() });
        }
        let file = fs::File::open(path).map_err(read)?;
        io::Read::read_to_end(&mut io::Read::take(file, header::SIZE as u64), &mut start).map_err(read)?;
        if start.starts_with(b"\x7fELF") && start.get(E_TYPE..E_TYPE + 2) == Some(&ET_REL.0.to_le_bytes()) {
            Err(KernelError::Module { path: path.to_owned() })
        } else if start.starts_with(b"\x7fELF") {
            Ok(Self::Elf(path.to_owned()))
        } else if start.get(0x38..0x3c) == Some(&MAGIC2.to_le_bytes()) {
            Ok(Self::Flat(path.to_owned()))
        } else {
            start.truncate(8);
            Err(KernelError::Neither { path: path.to_owned(), start })
        }
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Elf(path) | Self::Flat(path) => path,
        }
    }
}

/// Cargo, the same that runs us where one does.
#[must_use]
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Returns the manifest of the package that the user is in, or that `manifest_path` names.
fn current_manifest(manifest_path: Option<&Path>) -> Option<PathBuf> {
    if let Some(path) = manifest_path {
        return Some(path.to_owned());
    }
    let folder = std::env::current_dir().ok()?;
    folder.ancestors().map(|folder| folder.join("Cargo.toml")).find(|manifest| manifest.is_file())
}

/// Returns the workspace around the current directory or around `manifest_path`; the error is
/// Cargo's own.
fn workspace(manifest_path: Option<&Path>) -> Result<Workspace, String> {
    let mut command = cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    if let Some(path) = manifest_path {
        command.arg("--manifest-path").arg(path);
    }
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| format!("cargo did not start: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    Ok(Workspace::parse(&metadata))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognise(bytes: &[u8]) -> Result<KernelFile, KernelError> {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        fs::write(file.path(), bytes).expect("a written file");
        KernelFile::recognise(file.path())
    }

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let mut flat = [0; 64];
        flat[0x38..0x3c].copy_from_slice(b"RSC\x05");
        assert!(matches!(recognise(&flat), Ok(KernelFile::Flat(_))));
        assert!(matches!(recognise(b"\x7fELF"), Ok(KernelFile::Elf(_))));
        let module = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x01\0\xf3\0";
        assert!(matches!(recognise(module), Err(KernelError::Module { .. })));
        for other in [&b""[..], b"#!/bin/sh", &flat[..0x3b]] {
            assert!(matches!(recognise(other), Err(KernelError::Neither { .. })), "{other:?}");
        }
    }

    #[test]
    fn a_directory_is_no_kernel() {
        assert!(matches!(KernelFile::recognise(Path::new("/")), Err(KernelError::NoFile { .. })));
    }
}

//! Builds a kernel: Cargo, or the linker of another build system; then the seal.
//!
//! ```text
//! package --cargo--> ELF --sealed--> KERNEL.bin, KERNEL.elf --disk--> KERNEL.img (on request)
//! ```

mod compile;
mod compiled;
pub mod policy;
mod sealed;
mod words;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use landfall_image::seal::SealError;
use landfall_inspect::Accepted;
use landfall_inspect::flat::FlatError;
use landfall_inspect::pack::PackError;
use thiserror::Error;

use crate::check::{CheckError, Remarks};
use crate::disk::{self, Contents, DiskError, Menu};
use crate::elf::NoElf;
use crate::kernel::{ModulePackage, Package};
use crate::user_file::{self, Staged};

pub use compile::TARGET;
#[cfg(test)]
pub(crate) use compiled::Age;
pub(crate) use compiled::{Compiled, Unit};
pub use sealed::Sealed;
pub(crate) use words::Way;
#[cfg(test)]
pub(crate) use words::Words;

/// A kernel ready to boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The ELF, with symbols; sealed, if the kernel checks seals.
    pub elf: PathBuf,
    /// The flat image, likewise.
    pub flat: PathBuf,
}

impl Built {
    /// Returns the files that are made of the ELF at `linked`, beside it.
    #[must_use]
    pub fn beside(linked: &Path) -> Self {
        Self { elf: linked.with_extension("elf"), flat: linked.with_extension("bin") }
    }

    /// Writes a sealed kernel into these files: both or none. Files with the same content stay as
    /// they are.
    ///
    /// # Errors
    /// [`BuildError`] where a file cannot be written.
    pub fn write(&self, sealed: &Sealed) -> Result<(), BuildError> {
        let file = |path: &Path, source| BuildError::File { path: path.to_owned(), source };
        let mut staged = Vec::new();
        for (path, bytes) in [(&self.elf, &sealed.elf), (&self.flat, &sealed.flat)] {
            if !user_file::holds(path, bytes) {
                let new = Staged::write(path, bytes).map_err(|source| file(path, source))?;
                staged.push((path, new));
            }
        }
        staged.into_iter().try_for_each(|(path, new)| new.commit().map_err(|source| file(path, source)))
    }

    /// Checks that both files can be written, before there is a kernel.
    ///
    /// # Errors
    /// [`BuildError::File`] if one of them cannot be written, or is a device or a pipe.
    pub fn check(&self) -> Result<(), BuildError> {
        let check = |path: &PathBuf| {
            let file = |source| BuildError::File { path: path.clone(), source };
            user_file::check_regular(path).map_err(file)
        };
        [&self.flat, &self.elf].into_iter().try_for_each(check)
    }

    /// Writes a disk that boots this kernel beside it.
    ///
    /// # Errors
    /// [`BuildError`] where a file cannot be read or written.
    pub fn disk(&self, command_line: &str, initrd: Option<&Path>) -> Result<PathBuf, BuildError> {
        let file = |source| BuildError::File { path: self.flat.clone(), source };
        let image = fs::read(&self.flat).map_err(file)?;
        let path = self.flat.with_extension("img");
        write_disk(&path, &image, command_line, initrd)?;
        Ok(path)
    }
}

/// Writes a disk that boots the flat image `image` into the file `path`.
///
/// # Errors
/// [`BuildError`] where the initrd cannot be read, or the file cannot be written.
pub fn write_disk(
    path: &Path,
    image: &[u8],
    command_line: &str,
    initrd: Option<&Path>,
) -> Result<(), BuildError> {
    let initrd = initrd.map(disk::read_initrd).transpose()?;
    let menu = Menu::Extlinux { command_line };
    Ok(disk::write(path, &Contents { image, initrd: initrd.as_deref(), menu })?)
}

/// Why there is no kernel.
#[derive(Debug, Error)]
pub enum BuildError {
    /// Cargo cannot be started.
    #[error("cargo did not start: {source}")]
    NoCargo {
        /// The system's error.
        source: io::Error,
    },
    /// Cargo has printed the fault.
    #[error("the package `{package}` does not build; cargo's messages are above")]
    Cargo {
        /// The package.
        package: String,
    },
    /// The package has no kernel in it, or several.
    #[error("the package `{package}` has {}, but needs one binary, or one of its own name", binaries(.found))]
    Binaries {
        /// The package.
        package: String,
        /// The names of those that it has.
        found: Vec<String>,
    },
    /// Cargo built no static library.
    #[error(
        "the package `{package}` built no static library; write `crate-type = [\"staticlib\"]` below [lib]"
    )]
    NoArchive {
        /// The package.
        package: String,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Cargo's output is not a supported ELF.
    #[error(transparent)]
    Elf(#[from] NoElf),
    /// The kernel is not fit to boot.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The relocations cannot be packed.
    #[error("{path}: {source}")]
    Pack {
        /// The ELF.
        path: PathBuf,
        /// The fault.
        source: PackError,
    },
    /// The ELF cannot be turned into a flat image.
    #[error("{path}: {source}")]
    Flat {
        /// The ELF.
        path: PathBuf,
        /// The fault.
        source: FlatError,
    },
    /// There is no disk.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The kernel cannot be sealed.
    #[error("{path}: {source}")]
    Seal {
        /// The ELF.
        path: PathBuf,
        /// The fault.
        source: SealError,
    },
}

/// Builds a kernel and seals it. Findings in `allow` are accepted.
///
/// # Errors
/// [`BuildError`] says what is wrong with the package, or with what came out of it.
pub fn package(package: &Package, allow: &[Accepted]) -> Result<Built, BuildError> {
    let linked = linked(package)?;
    finish(&linked, allow)
}

/// Builds the kernel `name` of the current directory's workspace and seals it.
///
/// # Errors
/// As [`package`].
pub fn named(name: &str) -> Result<Built, BuildError> {
    package(&Package::named(name), &[])
}

/// Builds a kernel and returns the path of its ELF, which is neither checked nor sealed.
///
/// # Errors
/// [`BuildError`] if the package does not build.
pub fn linked(package: &Package) -> Result<PathBuf, BuildError> {
    linked_with(package, |_| {})
}

/// A kernel that was built and sealed, and the words of Cargo and of the check about it.
pub(crate) struct Outcome {
    pub(crate) built: Built,
    pub(crate) compiled: Compiled,
    pub(crate) remarks: Remarks,
}

/// Builds a kernel and seals it, as [`package`] does, and returns how it went.
pub(crate) fn outcome(package: &Package, allow: &[Accepted], way: Way) -> Result<Outcome, BuildError> {
    let compiled = compile::cargo_build(package, way, |_| {})?;
    let built = Built::beside(&compiled.linked);
    let (sealed, remarks) = Sealed::with_remarks(&compiled.linked, allow)?;
    built.write(&sealed)?;
    Ok(Outcome { built, compiled, remarks })
}

/// Builds a kernel with a Cargo command that `configure` adds to, and returns the path of its ELF,
/// which is neither checked nor sealed.
pub(crate) fn linked_with(
    package: &Package,
    configure: impl FnOnce(&mut std::process::Command),
) -> Result<PathBuf, BuildError> {
    Ok(compile::cargo_build(package, Way::Straight, configure)?.linked)
}

/// Builds the static library of a module for the kernel with this build ID, and returns its path.
pub(crate) fn static_library(package: &ModulePackage, build_id: &str) -> Result<PathBuf, BuildError> {
    compile::library(package, build_id)
}

/// Builds the static library of a package in a checkout, and returns its path.
pub(crate) fn archive_of(checkout: &Path, package: &str) -> Result<PathBuf, BuildError> {
    compile::archive_of(checkout, package)
}

/// Builds a package that is no kernel of landfall's, with a Cargo command that `configure` adds to,
/// and says where its ELF lies.
///
/// # Errors
/// [`BuildError`] if Cargo fails or the package has no binary.
pub fn unsealed(
    package: &str,
    configure: impl FnOnce(&mut std::process::Command),
) -> Result<PathBuf, BuildError> {
    linked_with(&Package::named(package), configure)
}

/// Checks a linked kernel, and writes the sealed ELF and the sealed flat image beside it. Findings
/// in `allow` are accepted.
///
/// # Errors
/// [`BuildError`] says what is wrong with the kernel.
pub fn finish(linked: &Path, allow: &[Accepted]) -> Result<Built, BuildError> {
    let built = Built::beside(linked);
    built.write(&Sealed::of(linked, allow)?)?;
    Ok(built)
}

/// Writes a file: a kernel that boots while it is built again is the old one or the new one, not
/// half of either.
///
/// # Errors
/// [`BuildError::File`] if it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    let file = |source| BuildError::File { path: path.to_owned(), source };
    user_file::write(path, bytes).map_err(file)
}

fn binaries(found: &[String]) -> String {
    match found {
        [] => "no binary".to_owned(),
        names => format!("the binaries {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use landfall_image::seal;

    use super::*;
    use crate::place::elf::wrap;
    use crate::private;
    use landfall_predict::units::Address;

    #[test]
    fn image_and_elf_get_the_same_seal() {
        let mut image = [0; 0x80];
        image[0x40..0x48].copy_from_slice(b"LANDFALL");
        (image[0x48], image[0x4c]) = (2, 0x80);
        let directory = private::folder("landfall-").expect("a directory");
        let linked = directory.path().join("hello");

        let sealed = sealed::seal(&linked, wrap(&image, Address(0x8020_0000))).expect("a kernel");
        let built = Built::beside(&linked);
        built.write(&sealed).expect("two files");
        let (elf, flat) = (fs::read(&built.elf).expect("the ELF"), fs::read(&built.flat).expect("the image"));
        assert_eq!(seal::verify(&flat), Ok(()));
        assert_eq!(&flat[0x50..0x58], b"sealed\0\0");
        assert!(elf.ends_with(&flat), "the ELF's only segment is the image");
        assert_eq!(fs::read_dir(directory.path()).expect("the directory").count(), 2, "nothing else is left");
    }

    #[test]
    fn a_missing_initrd_is_called_so() {
        let directory = private::folder("landfall-").expect("a directory");
        let [elf, flat, none] = ["k.elf", "k.bin", "none"].map(|name| directory.path().join(name));
        fs::write(&flat, [0; 0x80]).expect("a file");
        let error = Built { elf, flat }.disk("", Some(&none)).expect_err("no initrd");
        assert!(error.to_string().starts_with("cannot read the initrd /"), "{error}");
    }

    #[test]
    fn what_is_no_kernel_is_not_sealed() {
        let directory = private::folder("landfall-").expect("a directory");
        let linked = directory.path().join("hello");
        for bytes in [b"text".to_vec(), wrap(&[0; 0x100], Address(0x8020_0000))] {
            fs::write(&linked, bytes).expect("a file");
            let error = finish(&linked, &[]).expect_err("no kernel");
            assert!(matches!(error, BuildError::Check(_)), "{error}");
        }
        let error = finish(Path::new("/nonexistent"), &[]).expect_err("no file");
        assert!(matches!(error, BuildError::File { .. }), "{error}");
    }
}

//! Builds a module: Cargo, the linker with `-r`, and the check against its kernel.
//!
//! ```text
//! package --cargo, fat LTO--> libNAME.a --rust-lld -r--> NAME.ko --check--> no findings
//! ```

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use landfall_inspect::module::About;
use landfall_inspect::{Hints, Subject};
use object::read::archive::ArchiveFile;
use object::{Object, ObjectSection, ObjectSymbol};
use thiserror::Error;

use crate::build::{self, BuildError};
use crate::check::{self, CheckError};
use crate::interface::{self, InterfaceOfError};
use crate::kernel::{KernelError, ModulePackage, Selection};
use crate::output;
use crate::scratch::Scratch;
use crate::setup::{self, SetupError};

/// The arguments of `build --module`.
#[derive(Clone, Debug)]
pub struct ModuleRequest {
    /// The package with the module.
    pub module: Selection,
    /// The kernel that it is built for: a package, or the path of an ELF.
    pub kernel: String,
    /// Modules that are loaded before it.
    pub loaded: Vec<PathBuf>,
}

/// The reason why there is no module.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModuleError {
    /// No package is selected.
    #[error(transparent)]
    Selection(#[from] KernelError),
    /// A tool is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The kernel, or a module that is loaded before, has no interface.
    #[error(transparent)]
    Interface(#[from] InterfaceOfError),
    /// The package does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The library is no archive of object files.
    #[error("{path} is no archive of object files: {source}")]
    Archive {
        /// The library.
        path: PathBuf,
        /// The fault.
        source: object::Error,
    },
    /// The library has no part of a module.
    #[error(
        "{path} is no module; none of its object files has a section .landfall.module; write `landfall_modules::module!` in the package's library"
    )]
    NoModule {
        /// The library.
        path: PathBuf,
    },
    /// The linker refused.
    #[error("rust-lld cannot link the module:\n{messages}")]
    Link {
        /// The linker's messages.
        messages: String,
    },
    /// The module has findings.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// The linker's script.
const SCRIPT: &str = include_str!("module.ld");

/// Builds a module, checks it, and returns the path of its file.
///
/// # Errors
/// [`ModuleError`] if the package or its kernel does not build, or the module has findings.
pub fn module(request: &ModuleRequest) -> Result<PathBuf, ModuleError> {
    let package = ModulePackage::find(&request.module)?;
    setup::rust_target()?;
    let linker = setup::linker()?;
    let kernel = interface::of_kernel(&request.kernel, request.module.manifest_path.as_deref())?;
    let loaded = request.loaded.iter().map(|path| interface::of_module(path)).collect::<Result<_, _>>()?;
    let build_id = kernel.build_id.map(|id| id.to_string()).unwrap_or_default();
    if build_id.is_empty() {
        output::note(format_args!(
            "note: {} has no build ID, so the module binds its stable exports alone; link it with --build-id=sha1",
            request.kernel
        ));
    }
    let library = build::static_library(&package, &build_id)?;
    let scratch = Scratch::create().map_err(|source| ModuleError::File { path: library.clone(), source })?;
    let output_file = scratch.path().join("module.ko");
    link(&linker, &library, scratch.path(), &output_file)?;
    let bytes = read(&output_file)?;
    let path = library.with_file_name(format!("{}.ko", name(&bytes).unwrap_or(&package.library)));
    let hints = Hints { kernel: Some(kernel), loaded, ..Hints::default() };
    check::before_load(&path, &bytes, &hints, &request.module.allow)?;
    build::write(&path, &bytes)?;
    Ok(path)
}

fn read(path: &Path) -> Result<Vec<u8>, ModuleError> {
    fs::read(path).map_err(|source| ModuleError::File { path: path.to_owned(), source })
}

/// Returns the name that a module states.
fn name(bytes: &[u8]) -> Option<&str> {
    About::of(&Subject::read(bytes).ok()?).name
}

/// Links the members of `library` that are the module, and those of the others that they use.
fn link(linker: &Path, library: &Path, folder: &Path, output_file: &Path) -> Result<(), ModuleError> {
    let written = |path: &Path, bytes: &[u8]| {
        fs::write(path, bytes).map_err(|source| ModuleError::File { path: path.to_owned(), source })
    };
    let script = folder.join("module.ld");
    written(&script, SCRIPT.as_bytes())?;
    let mut command = Command::new(linker);
    // -X: local labels that no relocation uses are names of nothing.
    command.args(["-flavor", "gnu", "-m", "elf64lriscv", "-r", "-X", "--fatal-warnings"]);
    command.arg("-T").arg(&script).arg("-o").arg(output_file);
    for (index, member) in roots(library, &read(library)?)?.into_iter().enumerate() {
        let path = folder.join(format!("{index}.o"));
        written(&path, &member)?;
        command.arg(path);
    }
    let start = |source| SetupError::Start { program: linker.display().to_string(), source };
    let output = command.arg(library).stdin(Stdio::null()).output().map_err(start)?;
    if output.status.success() {
        return Ok(());
    }
    Err(ModuleError::Link { messages: String::from_utf8_lossy(&output.stderr).trim().to_owned() })
}

/// Returns the members of an archive that belong to the module whether something refers to them or
/// not.
fn roots(path: &Path, library: &[u8]) -> Result<Vec<Vec<u8>>, ModuleError> {
    let archive = |source| ModuleError::Archive { path: path.to_owned(), source };
    let mut roots = Vec::new();
    for member in ArchiveFile::parse(library).map_err(archive)?.members() {
        let bytes = member.and_then(|member| member.data(library)).map_err(archive)?;
        if is_root(bytes) {
            roots.push(bytes.to_vec());
        }
    }
    if roots.is_empty() { Err(ModuleError::NoModule { path: path.to_owned() }) } else { Ok(roots) }
}

/// Returns true if an object file has records of a module, or one of its entry points.
fn is_root(bytes: &[u8]) -> bool {
    let Ok(object) = object::File::parse(bytes) else { return false };
    let is_record = |name: &str| name.starts_with(".landfall.") && !name.starts_with(".landfall.sites");
    let is_entry = |name: &str| matches!(name, "landfall_init" | "landfall_exit");
    object.sections().any(|section| section.name().is_ok_and(is_record))
        || object.symbols().any(|symbol| symbol.is_definition() && symbol.name().is_ok_and(is_entry))
}

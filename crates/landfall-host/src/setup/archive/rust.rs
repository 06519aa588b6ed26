//! The release's Rust compiler, run on a system that is older than it.
//!
//! The compiler needs libraries that this system lacks or has in older versions. The release's own
//! dynamic loader finds them in the folder; no other program on the system sees them. Programs that
//! it builds for the host are linked by this system's `cc`, with this system's libraries.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{ArchiveError, table};
use crate::build::TARGET;
use crate::output;

/// The path of libraries on a Debian system.
const LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";
const LOADER: &str = "usr/lib64/ld-linux-x86-64.so.2";
const RUSTC: &str = "usr/bin/rustc";
const CORE: &str = "usr/src/rustc-1.85.1/library/core/src/lib.rs";

/// The crate that the compiler expects beside `core`. Debian does not ship its source, and no code
/// here uses it by name.
const BUILTINS: &str = "#![feature(compiler_builtins)]\n#![compiler_builtins]\n#![no_std]\n";

/// A Rust compiler.
#[derive(Clone, Debug)]
pub struct Rust {
    /// The program, to be run as `rustc`.
    pub rustc: PathBuf,
}

impl Rust {
    /// The version of the compiler.
    pub const VERSION: &str = "1.85.1";

    /// Returns the compiler below `cache`, with a `core` for kernels; fetched and built where it is
    /// not there yet.
    ///
    /// # Errors
    /// [`ArchiveError`] where packages do not come or this is another kind of computer.
    pub fn ready(cache: &Path) -> Result<Self, ArchiveError> {
        let set = &table::RUST;
        if std::env::consts::ARCH != "x86_64" {
            return Err(ArchiveError::Host { set: set.name, host: std::env::consts::ARCH });
        }
        let _lock = super::lock(cache)?;
        let root = super::unpacked_locked(set, &[RUSTC, LOADER, CORE], cache)?;
        let rust = Self { rustc: root.join("rustc") };
        let library = root.join("usr/lib/rustlib").join(TARGET).join("lib");
        if library.is_dir() {
            return Ok(rust);
        }
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| ArchiveError::File { path, source }
        };
        fs::write(&rust.rustc, script(&root)).map_err(at(&rust.rustc))?;
        fs::set_permissions(&rust.rustc, fs::Permissions::from_mode(0o755)).map_err(at(&rust.rustc))?;
        output::note(format_args!("setup: compiling `core` for {TARGET} with Rust {}", Self::VERSION));
        let work = crate::private::folder_in(cache, "core-").map_err(at(cache))?;
        rust.library("core", &root.join(CORE), work.path())?;
        let builtins = root.join("compiler_builtins.rs");
        fs::write(&builtins, BUILTINS).map_err(at(&builtins))?;
        rust.library("compiler_builtins", &builtins, work.path())?;
        if let Some(parent) = library.parent() {
            fs::create_dir_all(parent).map_err(at(parent))?;
        }
        fs::rename(work.path(), &library).map_err(at(&library))?;
        Ok(rust)
    }

    /// Compiles a crate of Rust's own library for kernels into `folder`.
    fn library(&self, name: &'static str, source: &Path, folder: &Path) -> Result<(), ArchiveError> {
        let mut rustc = Command::new(&self.rustc);
        rustc
            .args(["--crate-name", name, "--edition", "2021", "--crate-type", "rlib", "--target", TARGET])
            .args(["-C", "panic=abort", "-C", "opt-level=3", "-Z", "force-unstable-if-unmarked"])
            .args(["--cap-lints", "allow"])
            .arg("-L")
            .arg(folder)
            .arg("--out-dir")
            .arg(folder)
            .arg(source)
            // Rust's library may use unstable features; no other crate here may.
            .env("RUSTC_BOOTSTRAP", "1")
            .stdin(Stdio::null())
            .stdout(io::stderr());
        let status = rustc.status().map_err(|source| ArchiveError::Start { program: "rustc", source })?;
        if status.success() {
            return Ok(());
        }
        Err(ArchiveError::Failed { program: "rustc", what: format!("compiling {name}"), status })
    }
}

/// Returns the program that runs the compiler in `root` with its own libraries.
fn script(root: &Path) -> String {
    let quoted = root.display().to_string().replace('\'', r"'\''");
    format!(
        "#!/bin/sh\nroot='{quoted}'\nexec \"$root/{LOADER}\" --library-path \"$root/{LIBRARIES}\" \"$root/{RUSTC}\" \
         --sysroot \"$root/usr\" \"$@\"\n"
    )
}

//! GNU's linker of a newer release, run with its own release's libraries.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{ArchiveError, table};

const LINKER: &str = "usr/bin/riscv64-linux-gnu-ld.bfd";
const LOADER: &str = "usr/lib64/ld-linux-x86-64.so.2";
const LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";

/// The version of the linker.
pub const VERSION: &str = "2.44";

/// Returns the linker below `cache`, fetched where it is not there yet.
///
/// # Errors
/// [`ArchiveError`] where packages do not come or this is another kind of computer.
pub fn linker(cache: &Path) -> Result<PathBuf, ArchiveError> {
    let set = &table::BINUTILS;
    if std::env::consts::ARCH != "x86_64" {
        return Err(ArchiveError::Host { set: set.name, host: std::env::consts::ARCH });
    }
    let root = super::unpacked(set, &[LINKER, LOADER], cache)?;
    let program = root.join("riscv64-linux-gnu-ld");
    let quoted = root.display().to_string().replace('\'', r"'\''");
    let script = format!(
        "#!/bin/sh\nroot='{quoted}'\nexec \"$root/{LOADER}\" --library-path \"$root/{LIBRARIES}\" \"$root/{LINKER}\" \"$@\"\n"
    );
    let file = |source| ArchiveError::File { path: program.clone(), source };
    fs::write(&program, script).map_err(file)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).map_err(file)?;
    Ok(program)
}

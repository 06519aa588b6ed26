//! The signer of EFI applications, `sbsign`, run with its own release's libraries.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{ArchiveError, table};

const SBSIGN: &str = "usr/bin/sbsign";

/// The paths of the dynamic loader and of libraries in Debian 12.
const LOADER: &str = "lib64/ld-linux-x86-64.so.2";
const LIBRARIES: [&str; 2] = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"];

/// `sbsign`.
#[derive(Clone, Debug)]
pub struct Sbsign {
    root: PathBuf,
}

impl Sbsign {
    /// Returns the program below `cache`, fetched where it is not there yet.
    ///
    /// # Errors
    /// [`ArchiveError`] where packages do not come or this is another kind of computer.
    pub fn ready(cache: &Path) -> Result<Self, ArchiveError> {
        let set = &table::SBSIGN;
        if std::env::consts::ARCH != "x86_64" {
            return Err(ArchiveError::Host { set: set.name, host: std::env::consts::ARCH });
        }
        Ok(Self { root: super::unpacked(set, &[SBSIGN, LOADER], cache)? })
    }

    /// Returns a command that runs it.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(self.root.join(LOADER));
        let libraries = LIBRARIES.map(|folder| self.root.join(folder).display().to_string());
        command.args(["--library-path", &libraries.join(":")]).arg(self.root.join(SBSIGN));
        command
    }
}

//! apt and dpkg-deb, as commands.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{ArchiveError, Package};

/// The helpers that apt keeps beside its commands. They download a URI with the system's settings
/// (proxies, certificates), and name a file only if its hash matches.
const HELPER: &str = "/usr/lib/apt/apt-helper";

/// As root, apt downloads as a user of its own, who may not reach our folder. We trust a file by
/// its hash.
pub(super) const UNSANDBOXED: &str = "APT::Sandbox::User=root";

/// A file to be downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Download {
    pub(super) uri: String,
    pub(super) sha256: String,
    pub(super) file: PathBuf,
}

/// Downloads what is to be had. A file that is not there afterwards did not come, or had another
/// hash; apt says on stderr which.
pub(super) fn download(files: &[Download]) -> Result<(), ArchiveError> {
    let mut helper = Command::new(HELPER);
    helper.args(["-q", "-o", UNSANDBOXED, "download-file"]);
    for Download { uri, sha256, file } in files {
        helper.arg(uri).arg(file).arg(format!("SHA256:{sha256}"));
    }
    helper.env("LC_ALL", "C").stdin(Stdio::null()).stdout(io::stderr());
    helper.status().map(drop).map_err(|source| ArchiveError::Start { program: HELPER, source })
}

/// Unpacks what is wanted of the package in `file` into the folder `tree`.
pub(super) fn unpack(package: &Package, file: &Path, tree: &Path) -> Result<(), ArchiveError> {
    let start = |program| move |source| ArchiveError::Start { program, source };
    let mut dpkg = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(start("dpkg-deb"))?;
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--no-same-owner", "--directory"]).arg(tree);
    if let Some(only) = package.only {
        tar.arg("--wildcards").args(only.split(' '));
    }
    tar.stdin(dpkg.stdout.take().map_or_else(Stdio::null, Stdio::from)).stdout(io::stderr());
    let unpacked = tar.status().map_err(start("tar"));
    let read = dpkg.wait().map_err(start("dpkg-deb"))?;
    for (program, status) in [("dpkg-deb", read), ("tar", unpacked?)] {
        if !status.success() {
            let what = format!("unpacking {}", package.name);
            return Err(ArchiveError::Failed { program, what, status });
        }
    }
    Ok(())
}

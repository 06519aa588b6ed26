//! Folders for debuggers: one a machine that waits, and one a debugger of another machine.
//!
//! A folder belongs to the process whose number is in its name. A process that SIGKILL ends leaves
//! its folder behind; the next search for machines removes it. Only its owner can read it. Folders
//! of other users are skipped, since their content would go to gdb.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::process::{Pid, geteuid, test_kill_process};
use serde_json::{Value, json};

use super::DebugError;
use super::files::file;
use crate::gdb::endpoint::Endpoint;
use crate::scratch::Scratch;
use landfall_predict::units::Address;

const PREFIX: &str = "landfall-gdb-";
/// Written last: a folder without it is not ready.
const READY: &str = "machine.json";
const ELF: &str = "kernel.elf";

/// A folder of this process. It goes with the value, unless the process becomes a debugger.
#[derive(Debug)]
pub(crate) struct Folder(Scratch);

/// A machine that waits for a debugger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) endpoint: Endpoint,
    /// Its kernel's ELF, as it was then.
    pub(super) elf: PathBuf,
    /// The user's name of the kernel.
    pub(super) kernel: String,
    /// The address at which the kernel was loaded.
    pub(super) base: Address,
    /// The folder of the kernel's ELF, which may have its modules.
    pub(super) modules: Option<PathBuf>,
}

impl Folder {
    pub(crate) fn create() -> Result<Self, DebugError> {
        let path = parent().join(format!("{PREFIX}{}", std::process::id()));
        let made = || {
            if is_ours(&path) {
                // Of a process that had this number before.
                fs::remove_dir_all(&path)?;
            }
            DirBuilder::new().mode(0o700).create(&path)?;
            Ok(path.clone())
        };
        Scratch::made_by(made).map(Self).map_err(|source| file("cannot create the folder", &path, source))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes the kernel's ELF for debuggers.
    pub(crate) fn keep_elf(&self, elf: &[u8]) -> Result<PathBuf, DebugError> {
        self.write(ELF, elf)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, DebugError> {
        let path = self.path().join(name);
        fs::write(&path, bytes).map_err(|source| file("cannot write", &path, source))?;
        Ok(path)
    }

    /// From now on debuggers find the machine.
    pub(crate) fn publish(
        &self,
        socket: &Path,
        kernel: &str,
        base: Address,
        modules: Option<&Path>,
    ) -> Result<(), DebugError> {
        let machine = json!({
            "socket": socket, "kernel": kernel, "base": base.to_string(), "modules": modules,
        });
        let half = self.write("half", machine.to_string().as_bytes())?;
        let whole = self.path().join(READY);
        fs::rename(&half, &whole).map_err(|source| file("cannot write", &whole, source))
    }

    /// The folder stays: this process goes on as a program that reads it.
    pub(crate) fn leave(self) {
        std::mem::forget(self);
    }
}

/// All machines of this user that wait. Folders of processes that are gone are removed.
pub(super) fn waiting() -> Result<Vec<Waiting>, DebugError> {
    let parent = parent();
    let entries = fs::read_dir(&parent).map_err(|source| file("cannot read", &parent, source))?;
    let mut found = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        let (path, name) = (entry.path(), entry.file_name());
        let process = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse().ok());
        let Some(process) = process.and_then(Pid::from_raw).filter(|_| is_ours(&path)) else { continue };
        if test_kill_process(process) == Err(rustix::io::Errno::SRCH) {
            let _ = fs::remove_dir_all(&path);
        } else if let Some(machine) = read(&path) {
            found.push(machine);
        }
    }
    Ok(found)
}

fn read(folder: &Path) -> Option<Waiting> {
    let text = fs::read_to_string(folder.join(READY)).ok()?;
    let machine: Value = serde_json::from_str(&text).ok()?;
    Some(Waiting {
        endpoint: Endpoint::Socket(machine["socket"].as_str()?.into()),
        elf: folder.join(ELF),
        kernel: machine["kernel"].as_str()?.to_owned(),
        base: machine["base"].as_str()?.parse().ok()?,
        modules: machine["modules"].as_str().map(PathBuf::from),
    })
}

/// Returns the folder of these folders. Paths of sockets must be short.
fn parent() -> PathBuf {
    std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|path| path.is_dir())
        .unwrap_or_else(std::env::temp_dir)
}

fn is_ours(path: &Path) -> bool {
    let ours = |data: io::Result<fs::Metadata>| {
        data.is_ok_and(|data| data.is_dir() && data.uid() == geteuid().as_raw())
    };
    ours(fs::symlink_metadata(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_found_from_when_it_is_ready_until_its_folder_goes() {
        let folder = Folder::create().expect("a folder");
        let ours = |found: Vec<Waiting>| found.into_iter().find(|machine| machine.kernel == "own-test");
        assert_eq!(ours(waiting().expect("a list")), None);
        let elf = folder.keep_elf(b"elf").expect("a file");
        let (socket, base) = (folder.path().join("gdb"), Address(0x8020_0000));
        let modules = Some(PathBuf::from("/modules"));
        folder.publish(&socket, "own-test", base, modules.as_deref()).expect("published");
        let endpoint = Endpoint::Socket(socket);
        let machine = Waiting { endpoint, elf, kernel: "own-test".to_owned(), base, modules };
        assert_eq!(ours(waiting().expect("a list")), Some(machine));
        let mode = fs::metadata(folder.path()).expect("the folder").mode();
        assert_eq!(mode & 0o777, 0o700);
        drop(folder);
        assert_eq!(ours(waiting().expect("a list")), None);
    }
}

//! Scripts for debuggers: they load the symbols, and follow the kernel when its addresses change.
//!
//! ```text
//! loaded --(landfall_move_jump: s10)--> moved --(landfall_leap_fence: a0)--> landed
//!        --(landfall_wrapper_enter: t0)--> in the inner kernel of a wrapper
//! ```
//!
//! At each arrow a temporary breakpoint loads the symbols again and resumes the machine.
//! Breakpoints that were set by name follow.

pub(super) mod core;
mod gdb;
mod lldb;
mod modules;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::DebugError;
use super::files::{InnerElf, Known};
use super::locate::Place;
use super::modules::Module;
use super::session::Folder;
use super::vmmap;
use crate::gdb::endpoint::Endpoint;
use crate::setup::Debugger;
use landfall_predict::units::Address;

/// A script, for either debugger.
#[derive(Debug)]
pub(super) struct Script<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) kernel: &'a Known,
    /// The ELF.
    pub(super) elf: PathBuf,
    /// Names that stay physical, if there are any, and where the first of them was linked.
    pub(super) later: Option<(PathBuf, Address)>,
    pub(super) harts: Harts,
    pub(super) place: Place,
    /// The modules that the kernel may load.
    pub(super) modules: Vec<Module>,
    /// The inner kernel of a wrapper, and its ELF for debuggers.
    pub(super) inner: Option<(PathBuf, InnerElf)>,
}

/// QEMU's groups of harts. A group has one kind of processor, and is a process in the debuggers'
/// protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harts {
    /// All are of one kind.
    OneGroup,
    /// Those of the second group run the kernel.
    TwoGroups,
}

impl Script<'_> {
    /// Writes it into `folder`, and returns the arguments by which the debugger runs it.
    pub(super) fn write(&self, debugger: Debugger, folder: &Folder) -> Result<Vec<OsString>, DebugError> {
        let vmmap = write_vmmap(folder)?;
        match debugger {
            Debugger::Gdb => {
                let script = folder.write("landfall.gdb", gdb::Commands(self).to_string().as_bytes())?;
                Ok(vec!["-q".into(), "-x".into(), vmmap.into(), "-x".into(), script.into()])
            }
            Debugger::Lldb => {
                let follow = folder.write("landfall_follow.py", lldb::FOLLOW.as_bytes())?;
                let commands = lldb::Commands { script: self, follow, vmmap };
                let script = folder.write("landfall.lldb", commands.to_string().as_bytes())?;
                Ok(vec!["--source-quietly".into(), "--source".into(), script.into()])
            }
        }
    }
}

/// Writes the script of the command `landfall vmmap`. gdb without Python does without it.
pub(super) fn write_vmmap(folder: &Folder) -> Result<PathBuf, DebugError> {
    folder.write("landfall_vmmap.py", vmmap::script()?.as_bytes())
}

/// Returns a path as one word of a command.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_whatever_is_in_it() {
        assert_eq!(quoted(Path::new("/a b/c")), r#""/a b/c""#);
        assert_eq!(quoted(Path::new(r#"/a"b\c"#)), r#""/a\"b\\c""#);
    }
}

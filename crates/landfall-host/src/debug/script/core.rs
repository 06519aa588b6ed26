//! The commands with which gdb opens a core.

use std::fmt;
use std::path::PathBuf;

use super::gdb::QUIETLY;
use super::{modules, quoted};
use crate::debug::files::Known;
use crate::debug::locate::Place;
use crate::debug::modules::Module;

/// Python that ends a backtrace where it is unknown who called. gdb without Python does without it.
pub(in crate::debug) const OUTERMOST: &str = include_str!("outermost.py");

/// A script.
#[derive(Debug)]
pub(in crate::debug) struct Script<'a> {
    pub(in crate::debug) kernel: &'a Known,
    /// The ELF.
    pub(in crate::debug) elf: PathBuf,
    pub(in crate::debug) place: Place,
    pub(in crate::debug) modules: Vec<Module>,
    /// An executable that has memory which the core lacks.
    pub(in crate::debug) mapped: Option<PathBuf>,
}

impl fmt::Display for Script<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# The core of a kernel at random addresses. Written by `cargo landfall gdb --core`.")?;
        let base = match self.place {
            Place::Physical(base) => base,
            Place::Landed { at_virtual, .. } => at_virtual,
        };
        writeln!(f, "set $landfall_offset = {:#x}", base.wrapping_offset_from(self.kernel.link))?;
        if let Some(mapped) = &self.mapped {
            writeln!(f, "{QUIETLY} exec-file {}", quoted(mapped))?;
        }
        writeln!(f, "{QUIETLY} symbol-file {} -o $landfall_offset", quoted(&self.elf))?;
        if let Some(table) = self.kernel.modules.filter(|_| !self.modules.is_empty()) {
            let commands = modules::Commands {
                modules: &self.modules,
                table,
                quietly: QUIETLY,
                readable: modules::Readable::Always,
            };
            write!(f, "{commands}")?;
            writeln!(f, "with language c -- landfall-follow-modules")?;
        }
        writeln!(f, "info threads")
    }
}

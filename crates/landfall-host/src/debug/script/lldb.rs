//! The same for LLDB: a few commands, and Python functions that they call (`follow.py`).
//!
//! LLDB's own commands do not suffice: none removes the addresses of a module, and resolved
//! breakpoints stay when a module gets new addresses.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{Script, quoted};
use crate::debug::files::InnerElf;
use crate::debug::locate::Place;
use crate::debug::modules::Module;
use crate::gdb::endpoint::Endpoint;
use landfall_predict::units::Address;

/// The functions.
pub(super) const FOLLOW: &str = include_str!("follow.py");

/// The commands.
pub(super) struct Commands<'a> {
    pub(super) script: &'a Script<'a>,
    /// The file that defines the functions.
    pub(super) follow: PathBuf,
    /// The file that defines `landfall vmmap`.
    pub(super) vmmap: PathBuf,
}

impl fmt::Display for Commands<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Script { endpoint, kernel, elf, later, place, modules, inner, .. } = self.script;
        writeln!(
            f,
            "# Symbols of a kernel that changes its addresses. Written for one machine by `cargo landfall lldb`."
        )?;
        writeln!(f, "target create {}", quoted(elf))?;
        if let Some((later, _)) = later {
            writeln!(f, "target modules add {}", quoted(later))?;
        }
        for script in [&self.follow, &self.vmmap] {
            writeln!(f, "command script import {}", quoted(script))?;
        }
        // Before the symbols: what was loaded earlier has no breakpoints in the machine.
        writeln!(f, "process connect --plugin gdb-remote \"{}\"", Url(endpoint))?;
        if let Some((_, first)) = later {
            writeln!(f, "script landfall_follow.Kernel.later = {first}")?;
        }
        let distance = |base: Address| base.wrapping_offset_from(kernel.link);
        match *place {
            Place::Physical(base) => {
                writeln!(f, "script landfall_follow.at({:#x})", distance(base))?;
                for (linked, arrive) in [(kernel.leaps, "leaps"), (kernel.moves, "moves")] {
                    if let Some(linked) = linked {
                        writeln!(f, "script landfall_follow.follow({linked}, landfall_follow.{arrive})")?;
                    }
                }
            }
            Place::Landed { physical, at_virtual } => {
                writeln!(f, "script landfall_follow.later_at({:#x})", distance(physical))?;
                writeln!(f, "script landfall_follow.at({:#x})", distance(at_virtual))?;
            }
        }
        if let Some((elf, InnerElf { entry, enters, .. })) = inner {
            writeln!(f, "script landfall_follow.Inner.file = ({}, {entry})", quoted(elf))?;
            writeln!(f, "script landfall_follow.follow({enters}, landfall_follow.starts)")?;
        }
        match kernel.modules.filter(|_| !modules.is_empty()) {
            None => Ok(()),
            Some(table) => follow_modules(f, modules, table),
        }
    }
}

/// Names the files of modules, and reads the kernel's table now and at each stop.
fn follow_modules(f: &mut fmt::Formatter<'_>, modules: &[Module], table: Address) -> fmt::Result {
    writeln!(f, "script landfall_follow.Modules.table = {table}")?;
    for Module { name, elf, sections } in modules {
        let sections = sections.iter().map(|(section, part, offset)| {
            format!("({}, {}, {offset:#x})", quoted(Path::new(section)), *part as usize)
        });
        let sections = sections.collect::<Vec<_>>().join(", ");
        writeln!(f, "script landfall_follow.module(\"{name}\", {}, [{sections}])", quoted(elf))?;
    }
    writeln!(f, "target stop-hook add --one-liner \"script landfall_follow.modules()\"")?;
    writeln!(f, "script landfall_follow.modules()")
}

/// An endpoint as LLDB writes it.
struct Url<'a>(&'a Endpoint);

impl fmt::Display for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.0 {
            Endpoint::Socket(_) => "unix-connect",
            Endpoint::Tcp { .. } => "connect",
        };
        write!(f, "{scheme}://{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_urls() {
        for (endpoint, url) in [
            ("/run/gdb", "unix-connect:///run/gdb"),
            (":1234", "connect://localhost:1234"),
            ("[::1]:1", "connect://[::1]:1"),
        ] {
            let endpoint = endpoint.parse().expect("a place");
            assert_eq!(Url(&endpoint).to_string(), url);
        }
    }
}

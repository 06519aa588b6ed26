//! What gdb is told: where the symbols are, and to follow when the kernel goes elsewhere.
//!
//! ```text
//! loaded --(landfall_move_jump: s10)--> moved --(landfall_leap_fence: a0)--> landed
//! ```
//!
//! At each arrow a breakpoint that is gone after its hit loads the symbols again and lets the machine go on: breakpoints that were set by
//! name follow by themselves. No Python is needed. Somebody who steps over an arrow is left there, since gdb would forget the stepping.

use std::fmt;
use std::path::{Path, PathBuf};

use super::files::Known;
use super::locate::Place;
use crate::gdb::endpoint::Endpoint;
use crate::units::Address;

/// A script.
#[derive(Debug)]
pub(super) struct Script<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) kernel: &'a Known,
    /// The ELF.
    pub(super) elf: PathBuf,
    /// Names that stay physical, if there are any.
    pub(super) later: Option<PathBuf>,
    pub(super) place: Place,
}

/// Commands that go on by steps: after these nothing goes on by itself.
const STEPS: [&str; 7] = ["step", "stepi", "next", "nexti", "until", "advance", "finish"];

impl fmt::Display for Script<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Symbols of a kernel that changes its addresses. Written for one machine by `cargo landfall gdb`.")?;
        // The commands below are written in C, whatever the kernel is.
        writeln!(f, "set architecture riscv:rv64")?;
        writeln!(f, "define landfall-set\n  with language c -- set $landfall_$arg0 = $arg1\nend")?;
        self.symbols(f)?;
        match self.place {
            Place::Physical(base) => self.before_landing(f, base),
            Place::Landed { physical, at_virtual } => {
                writeln!(f, "landfall-set physical {physical}\nlandfall-set virtual {at_virtual}")?;
                self.connect(f)?;
                writeln!(f, "landfall-virtual")?;
                writeln!(f, r#"printf "landfall: the kernel has landed at %#lx; its first byte is at %#lx in memory\n", $landfall_virtual, $landfall_physical"#)
            }
        }
    }
}

impl Script<'_> {
    fn connect(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "target remote {}", self.endpoint)
    }

    /// Two commands that load the symbols, at the physical place and at the virtual one.
    fn symbols(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (link, elf) = (self.kernel.link, quoted(&self.elf));
        for place in ["physical", "virtual"] {
            writeln!(f, "define landfall-{place}")?;
            writeln!(f, "  landfall-set offset $landfall_{place}-{link}")?;
            writeln!(f, "  with confirm off -- symbol-file {elf} -o $landfall_offset")?;
            if let ("virtual", Some(later)) = (place, &self.later) {
                writeln!(f, "  # Other harts come through their first instructions at physical addresses.")?;
                writeln!(f, "  with confirm off -- add-symbol-file {} $landfall_physical", quoted(later))?;
            }
            writeln!(f, "end")?;
        }
        Ok(())
    }

    fn before_landing(&self, f: &mut fmt::Formatter<'_>, base: Address) -> fmt::Result {
        writeln!(f, "landfall-set physical {base}\nlandfall-set stepping 0")?;
        self.connect(f)?;
        writeln!(f, "landfall-physical")?;
        writeln!(f, r#"printf "landfall: the kernel's first byte is at %#lx in memory; symbols follow when it moves and lands\n", $landfall_physical"#)?;
        for command in STEPS {
            writeln!(f, "define hook-{command}\n  landfall-set stepping 1\nend")?;
        }
        writeln!(f, "define hook-continue\n  landfall-set stepping 0\nend")?;
        writeln!(f, "define landfall-go-on\n  if $landfall_stepping == 0\n    continue\n  end\nend")?;
        if let Some(leaps) = self.kernel.leaps {
            let arrive = [
                "landfall-set virtual $landfall_physical+$a0",
                "landfall-virtual",
                r#"printf "landfall: the kernel lands at %#lx\n", $landfall_virtual"#,
            ];
            arrow(f, "leap", leaps, &arrive)?;
        }
        if let Some(moves) = self.kernel.moves {
            let mut arrive = vec![
                "landfall-set physical $landfall_physical+$s10",
                "landfall-physical",
                r#"printf "landfall: the kernel moves to %#lx in memory\n", $landfall_physical"#,
            ];
            if self.kernel.leaps.is_some() {
                arrive.extend(["delete $landfall_leap_breakpoint", "landfall-await-leap"]);
            }
            arrow(f, "move", moves, &arrive)?;
        }
        Ok(())
    }
}

/// A command that waits for the kernel at `offset` and then does this; and its first use.
fn arrow(f: &mut fmt::Formatter<'_>, name: &str, offset: u64, arrive: &[&str]) -> fmt::Result {
    writeln!(f, "define landfall-await-{name}")?;
    writeln!(f, "  landfall-set {name} $landfall_physical+{offset:#x}")?;
    writeln!(f, "  tbreak *$landfall_{name}")?;
    writeln!(f, "  landfall-set {name}_breakpoint $bpnum")?;
    writeln!(f, "  commands\n    silent")?;
    arrive.iter().try_for_each(|command| writeln!(f, "    {command}"))?;
    writeln!(f, "    landfall-go-on\n  end\nend\nlandfall-await-{name}")
}

/// A path as one word of a command.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

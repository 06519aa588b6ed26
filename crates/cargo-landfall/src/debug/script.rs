//! What gdb is told: where the symbols are, and to follow when the kernel goes elsewhere.
//!
//! ```text
//! loaded --(landfall_move_jump: s10)--> moved --(landfall_leap_fence: a0)--> landed
//! ```
//!
//! At each arrow a breakpoint that is gone after its hit loads the symbols again and lets the machine go on: breakpoints that were set by
//! name follow by themselves. No Python is needed. Whoever steps over an arrow stops behind it.
//!
//! Expressions mean the same in Rust and in C, of which gdb takes one or the other. Each has an operand of 64 bits, since C would cut
//! sums of small ones.

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
    /// Names that stay physical, if there are any, and where the first of them was linked.
    pub(super) later: Option<(PathBuf, Address)>,
    pub(super) place: Place,
}

/// Commands that go on by steps: after these an arrow leads to a stop.
const STEPS: [&str; 7] = ["step", "stepi", "next", "nexti", "until", "advance", "finish"];

impl fmt::Display for Script<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Symbols of a kernel that changes its addresses. Written for one machine by `cargo landfall gdb`."
        )?;
        writeln!(f, "exec-file {}", quoted(&self.elf))?;
        self.loading(f)?;
        match self.place {
            Place::Physical(base) => {
                self.load(f, base, &["landfall-load-later", "landfall-load"])?;
                self.connect(f)?;
                self.follow(f)
            }
            Place::Landed { physical, at_virtual } => {
                self.load(f, physical, &["landfall-load-later"])?;
                self.load(f, at_virtual, &["landfall-load"])?;
                self.connect(f)
            }
        }
    }
}

impl Script<'_> {
    fn connect(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "target remote {}", self.endpoint)
    }

    /// Two commands that load symbols as far from where they were linked as `$landfall_offset` says: all, and those that stay physical.
    fn loading(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "define landfall-load")?;
        writeln!(f, "  {QUIETLY} symbol-file {} -o $landfall_offset\nend", quoted(&self.elf))?;
        writeln!(f, "define landfall-load-later")?;
        if let Some((later, place)) = &self.later {
            writeln!(f, "  set $landfall_later = $landfall_offset + {place}")?;
            writeln!(f, "  {QUIETLY} add-symbol-file {} $landfall_later", quoted(later))?;
        }
        writeln!(
            f,
            "end\ndefine landfall-forget-later\n  {QUIETLY} remove-symbol-file -a $landfall_later\nend"
        )
    }

    /// Uses them for an image at `base`.
    fn load(&self, f: &mut fmt::Formatter<'_>, base: Address, commands: &[&str]) -> fmt::Result {
        writeln!(f, "set $landfall_offset = {:#x}", base.wrapping_offset_from(self.kernel.link))?;
        commands.iter().try_for_each(|command| writeln!(f, "{command}"))
    }

    fn follow(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "set $landfall_stepping = 0")?;
        for command in STEPS {
            writeln!(f, "define hook-{command}\n  set $landfall_stepping = 1\nend")?;
        }
        writeln!(f, "define hook-continue\n  set $landfall_stepping = 0\nend")?;
        if let Some(leaps) = self.kernel.leaps {
            let arrive = [
                "set $landfall_offset = $landfall_offset + $a0",
                "landfall-load",
                r#"printf "landfall: the kernel lands; symbols are at its virtual addresses\n""#,
            ];
            arrow(f, ("leap", leaps), &arrive, BEHIND_LEAP)?;
        }
        if let Some(moves) = self.kernel.moves {
            let mut arrive = vec!["set $landfall_offset = $landfall_offset + $s10", "landfall-load"];
            if self.later.is_some() {
                arrive.push("landfall-forget-later");
            }
            arrive.extend([
                "landfall-load-later",
                r#"printf "landfall: the kernel moves to another place in memory, and its symbols with it\n""#,
            ]);
            if self.kernel.leaps.is_some() {
                arrive.extend(["delete $landfall_leap_breakpoint", "landfall-await-leap"]);
            }
            arrow(f, ("move", moves), &arrive, BEHIND_MOVE)?;
        }
        Ok(())
    }
}

/// gdb asks nothing, and reads code from the file: it looks where a routine's prologue ends, and the memory there may not be the kernel's yet, or
/// not be mapped.
const QUIETLY: &str = "with trust-readonly-sections on -- with confirm off --";

/// Where the leap goes on. gdb steps by a breakpoint on the next instruction, and the one behind the write to satp runs at another address:
/// where the trap on it leads.
const BEHIND_LEAP: &str = "$stvec";

/// Where the move goes on: the copier's page has no symbols.
const BEHIND_MOVE: &str = "$t6";

/// A command that waits for the kernel at what was linked to `place` and then does this; and its first use.
fn arrow(
    f: &mut fmt::Formatter<'_>,
    (name, place): (&str, Address),
    arrive: &[&str],
    behind: &str,
) -> fmt::Result {
    writeln!(f, "define landfall-await-{name}")?;
    writeln!(f, "  set $landfall_{name} = $landfall_offset + {place}")?;
    writeln!(f, "  tbreak *$landfall_{name}")?;
    writeln!(f, "  set $landfall_{name}_breakpoint = $bpnum")?;
    writeln!(f, "  commands\n    silent")?;
    arrive.iter().try_for_each(|command| writeln!(f, "    {command}"))?;
    writeln!(f, "    if $landfall_stepping != 0\n      tbreak *{behind}\n    end")?;
    writeln!(f, "    continue\n  end\nend\nlandfall-await-{name}")
}

/// A path as one word of a command.
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

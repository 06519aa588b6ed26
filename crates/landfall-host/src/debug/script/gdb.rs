//! The commands for gdb. They need no Python. A step over an arrow stops behind it.
//!
//! Expressions mean the same in Rust and in C, of which gdb takes one or the other. Each has an
//! operand of 64 bits, since C would cut sums of small ones.

use std::fmt;

use super::{Harts, Script, modules, quoted};
use crate::debug::files::InnerElf;
use crate::debug::locate::Place;
use landfall_predict::units::Address;

/// The commands.
pub(super) struct Commands<'a>(pub(super) &'a Script<'a>);

/// Commands that go on by steps: after these an arrow leads to a stop.
const STEPS: [&str; 7] = ["step", "stepi", "next", "nexti", "until", "advance", "finish"];

impl fmt::Display for Commands<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.script(f)
    }
}

impl Script<'_> {
    fn script(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Symbols of a kernel that changes its addresses. Written for one machine by `cargo landfall gdb`."
        )?;
        if self.harts == Harts::TwoGroups {
            self.connect(f)?;
        }
        writeln!(f, "exec-file {}", quoted(&self.elf))?;
        self.loading(f)?;
        match self.place {
            Place::Physical(base) => self.load(f, base, &["landfall-load-later", "landfall-load"])?,
            Place::Landed { physical, at_virtual } => {
                self.load(f, physical, &["landfall-load-later"])?;
                self.load(f, at_virtual, &["landfall-load"])?;
            }
        }
        if self.harts == Harts::OneGroup {
            self.connect(f)?;
        }
        match self.place {
            Place::Physical(_) => self.follow(f)?,
            Place::Landed { .. } => self.follow_inner(f)?,
        }
        match self.kernel.modules.filter(|_| !self.modules.is_empty()) {
            None => Ok(()),
            Some(table) => {
                write!(
                    f,
                    "{}",
                    modules::Commands {
                        modules: &self.modules,
                        table,
                        quietly: QUIETLY,
                        readable: modules::Readable::Translated,
                    }
                )?;
                // The machine is stopped already.
                writeln!(f, "with language c -- landfall-follow-modules")
            }
        }
    }

    /// Connects, before or after symbols are loaded: gdb keeps them for one group of harts, the one
    /// that is attached to last. The groups run and stop together.
    fn connect(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.harts {
            Harts::OneGroup => writeln!(f, "target remote {}", self.endpoint),
            Harts::TwoGroups => {
                writeln!(f, "target extended-remote {}\nadd-inferior\ninferior 2\nattach 2", self.endpoint)?;
                writeln!(f, "set schedule-multiple on")
            }
        }
    }

    /// Two commands that load symbols as far from where they were linked as `$landfall_offset`
    /// says: all, and those that stay physical.
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

    /// Waits for the inner kernel of a wrapper that has landed.
    fn follow_inner(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.inner.is_none() {
            return Ok(());
        }
        know_steps(f)?;
        self.define_inner(f)?;
        writeln!(f, "landfall-await-inner")
    }

    /// Writes the command that waits for the inner kernel, and loads its symbols.
    fn define_inner(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((elf, InnerElf { entry, enters, .. })) = &self.inner else { return Ok(()) };
        let arrive = [
            &*format!("set $landfall_inner_offset = $t0 - {entry}"),
            &*format!("{QUIETLY} add-symbol-file {} -o $landfall_inner_offset", quoted(elf)),
            r#"printf "landfall: the inner kernel starts; its symbols are at its addresses\n""#,
        ];
        Arrow { name: "inner", place: *enters, behind: "$t0" }.define(f, &arrive)
    }

    fn follow(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        know_steps(f)?;
        self.define_inner(f)?;
        if let Some(leaps) = self.kernel.leaps {
            let mut arrive = vec![
                "set $landfall_offset = $landfall_offset + $a0",
                "landfall-load",
                r#"printf "landfall: the kernel lands; symbols are at its virtual addresses\n""#,
            ];
            if self.inner.is_some() {
                arrive.push("landfall-await-inner");
            }
            Arrow { name: "leap", place: leaps, behind: BEHIND_LEAP }.write(f, &arrive)?;
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
            Arrow { name: "move", place: moves, behind: BEHIND_MOVE }.write(f, &arrive)?;
        }
        Ok(())
    }
}

/// Writes hooks that note whether the user goes on by steps.
fn know_steps(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "set $landfall_stepping = 0")?;
    for command in STEPS {
        writeln!(f, "define hook-{command}\n  set $landfall_stepping = 1\nend")?;
    }
    writeln!(f, "define hook-continue\n  set $landfall_stepping = 0\nend")
}

/// gdb asks no question, and reads code from the file. It looks for the end of a routine's
/// prologue, and the memory there may not be the kernel's yet, or may be unmapped.
pub(super) const QUIETLY: &str = "with trust-readonly-sections on -- with confirm off --";

/// The address after the leap. gdb steps by a breakpoint on the next instruction. The instruction
/// after the write of satp runs at another address: the one to which the trap on it leads.
const BEHIND_LEAP: &str = "$stvec";

/// The address after the move: the copier's page has no symbols.
const BEHIND_MOVE: &str = "$t6";

/// A place at which the kernel changes its addresses.
struct Arrow {
    name: &'static str,
    /// The address that the place was linked for.
    place: Address,
    /// The expression for the address at which the kernel goes on.
    behind: &'static str,
}

impl Arrow {
    /// Writes a command that waits for the kernel at this place and then runs `commands`, and its
    /// first use.
    fn write(&self, f: &mut fmt::Formatter<'_>, commands: &[&str]) -> fmt::Result {
        self.define(f, commands)?;
        writeln!(f, "landfall-await-{}", self.name)
    }

    /// Writes the command alone.
    fn define(&self, f: &mut fmt::Formatter<'_>, commands: &[&str]) -> fmt::Result {
        let Self { name, place, behind } = self;
        writeln!(f, "define landfall-await-{name}")?;
        writeln!(f, "  set $landfall_{name} = $landfall_offset + {place}")?;
        writeln!(f, "  tbreak *$landfall_{name}")?;
        writeln!(f, "  set $landfall_{name}_breakpoint = $bpnum")?;
        writeln!(f, "  commands\n    silent")?;
        commands.iter().try_for_each(|command| writeln!(f, "    {command}"))?;
        writeln!(f, "    if $landfall_stepping != 0\n      tbreak *{behind}\n    end")?;
        writeln!(f, "    continue\n  end\nend")
    }
}

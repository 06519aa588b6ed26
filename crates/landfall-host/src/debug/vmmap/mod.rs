//! The debuggers' command `landfall vmmap`: everything that the page tables of a hart map.
//!
//! The debugger has the machine, and accepts no second one beside it. So its script starts this
//! command once more, which reads and explains the tables, and asks the script for memory:
//!
//! ```text
//! gdb, LLDB <-- landfall_vmmap.py --asked, core--> cargo-landfall __vmmap
//!                    ^                                   |
//!                    +---- registers, pages, values <----+  debugger
//! ```
//!
//! ```text
//! asked      the arguments of a user
//! debugger   the questions to the debugger, and physical memory as it answers
//! text       the answer
//! ```

mod asked;
mod debugger;
mod text;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::iter::Peekable;
use std::path::Path;
use std::process::ExitCode;

use landfall_audit::memory::{CoreFile, Memory, Missing, Page};
use landfall_audit::search::search;
use landfall_audit::walk::path;
use landfall_audit::{Audit, Format, Known, Mode, Origin, Phys, Request, Root, Span, Virt, audit, linux};
use serde_json::json;

use super::DebugError;
use crate::audit::harts::stacks;
use crate::audit::notes::{Notes, in_core};
use asked::{Asked, Show};
use debugger::Debugger;

/// The argument by which the script starts this process.
const WORKER: &str = "__vmmap";

/// A symbol that Linux has, and no other kernel.
const OF_LINUX: &str = "&linux_banner";

/// Returns the script that defines the command, for gdb and for LLDB.
///
/// # Errors
/// [`DebugError::Own`] if the path of this program is unknown.
pub fn script() -> Result<String, DebugError> {
    let program = std::env::current_exe().map_err(|source| DebugError::Own { source })?;
    let command = json!([program.to_string_lossy(), WORKER]);
    Ok(include_str!("../script/vmmap.py").replacen("COMMAND = []\n", &format!("COMMAND = {command}\n"), 1))
}

/// Answers a debugger if that is what this process was started for.
pub fn work(arguments: &mut Peekable<impl Iterator<Item = OsString>>) -> Option<ExitCode> {
    arguments.next_if(|first| first == WORKER)?;
    let asked = arguments.next().unwrap_or_default();
    let core = arguments.next().filter(|core| !core.is_empty());
    let mut debugger = Debugger::new(io::stdin().lock(), io::stdout().lock());
    let answer = answer(&asked.to_string_lossy(), core.as_deref().map(Path::new), &mut debugger);
    let (end, text) = match answer {
        Ok(text) => ("end", text),
        Err(text) => ("fail", text),
    };
    // A debugger that has ended needs no answer.
    let mut out = debugger.into_questions();
    let _ = writeln!(out, "{end}").and_then(|()| out.write_all(text.as_bytes())).and_then(|()| out.flush());
    Some(ExitCode::SUCCESS)
}

/// The machine that a debugger has stopped, or a core.
struct Machine<'a, R, W> {
    debugger: &'a mut Debugger<R, W>,
    core: Option<CoreFile<File>>,
}

impl<R: io::Read, W: Write> Memory for Machine<'_, R, W> {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        match &mut self.core {
            Some(core) => core.read(at, page),
            None => self.debugger.read(at, page),
        }
    }

    fn announce(&mut self, pages: &[Phys]) {
        if self.core.is_none() {
            self.debugger.announce(pages);
        }
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        self.core.as_ref().map_or_else(|| self.debugger.spans(), CoreFile::spans)
    }
}

/// Returns the text for the user, or that of an error.
fn answer<R: io::Read, W: Write>(
    asked: &str,
    core: Option<&Path>,
    debugger: &mut Debugger<R, W>,
) -> Result<String, String> {
    let asked = Asked::parse(asked)?;
    let mut machine = Machine { debugger, core: core.map(open).transpose()? };
    let roots = roots(&mut machine, &asked, core)?;
    let known = known(&mut machine, roots[0].0.mode);
    let request = Request { roots, known, ..Request::default() };
    let mut audit = audit(&mut machine, &request);
    if let Some(path) = core.filter(|_| audit.roots.len() > 1) {
        // The guesses that the harts of the core can have used, as `cargo landfall audit` chooses.
        let used = Notes::read(path).used(&audit);
        if !used.is_empty() {
            let roots = used.iter().map(|root| (audit.roots[*root].root, Origin::Guess)).collect();
            audit = landfall_audit::audit(&mut machine, &Request { roots, ..request });
        }
    }
    let used = match core {
        Some(path) => in_core(&Notes::read(path).stopped, &audit),
        None => machine.debugger.value("$sp").map(|sp| (0, Virt(sp))).into_iter().collect(),
    };
    audit.check_stacks(&stacks(used, &audit));
    if audit.roots.len() > 1 {
        return Err(text::choice(&audit));
    }
    match &asked.show {
        Show::Regions => Ok(text::regions(&audit)),
        Show::Findings => Ok(text::findings(audit)),
        Show::Json => {
            let mut bytes = Vec::new();
            audit.write_json(&mut bytes).map_err(|error| error.to_string())?;
            Ok(String::from_utf8_lossy(&bytes).into_owned() + "\n")
        }
        Show::Mappings(filter) => text::mappings(&audit, filter),
        Show::Place(words) => place(&mut machine, &audit, words),
    }
}

fn open(path: &Path) -> Result<CoreFile<File>, String> {
    let wrong = |error: String| format!("cannot read the core {}: {error}", path.display());
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    CoreFile::new(file).map_err(|error| wrong(error.to_string()))
}

/// Returns at least one root.
fn roots<R: io::Read, W: Write>(
    machine: &mut Machine<'_, R, W>,
    asked: &Asked,
    core: Option<&Path>,
) -> Result<Vec<(Root, Origin)>, String> {
    // A core has no registers of the supervisor.
    let noted = core.and_then(|path| Notes::read(path).root);
    let satp = match (&asked.satp, noted, core) {
        (Some(expression), ..) => machine.debugger.value(expression)?,
        (None, Some((root, _)), _) => return Ok(vec![(root, Origin::Given)]),
        (None, None, Some(_)) => return guesses(machine),
        (None, None, None) => machine.debugger.satp()?,
    };
    let root = Root::from_satp(satp).map_err(|error| {
        format!("{error}; continue until the kernel has turned it on, or name another root with --satp")
    })?;
    Ok(vec![(root, Origin::Given)])
}

/// Searches a core for roots.
fn guesses(machine: &mut impl Memory) -> Result<Vec<(Root, Origin)>, String> {
    let found = search(machine, Format::default()).roots;
    if found.is_empty() {
        return Err(
            "the core does not state satp, and no page looks like a root; name it with --satp".to_owned()
        );
    }
    Ok(found.into_iter().map(|root| (root, Origin::Guess)).collect())
}

fn known<R: io::Read, W: Write>(machine: &mut Machine<'_, R, W>, mode: Mode) -> Known {
    let layout = match machine.debugger.value(OF_LINUX) {
        Ok(_) => linux::layout(mode),
        Err(_) => Known::default().layout,
    };
    let ram = if machine.core.is_none() { machine.debugger.memory() } else { Vec::new() };
    Known { ram, layout, ..Known::default() }
}

/// Explains a region's mappings or an address.
fn place<R: io::Read, W: Write>(
    machine: &mut Machine<'_, R, W>,
    audit: &Audit,
    words: &str,
) -> Result<String, String> {
    if asked::is_region(audit, words) {
        return text::mappings(audit, &asked::Filter::region(words));
    }
    let address = machine.debugger.value(words).map_err(|error| {
        format!("\"{words}\" is neither a region nor an address ({error}); see `help landfall vmmap`")
    })?;
    let virt = Virt(address);
    let ways = (0..).zip(&audit.roots).map(|(number, own)| {
        let way = path(machine, own.root, Format::default(), virt);
        text::address(audit, number, virt, &way)
    });
    Ok(ways.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests;

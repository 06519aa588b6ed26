//! `cargo landfall symbolize`: names for the addresses in a saved log.

use std::io::{self, BufRead, Read};
use std::path::Path;

use super::{Names, PlacedModule, SymbolizeError};
use crate::kernel::Selection;
use crate::kernel_elf;
use crate::modules;
use crate::output;
use crate::user_file::{self, Limit};
use landfall_predict::units::Address;

/// Longer lines are cut: a log is not trusted.
const LONGEST_LINE: u64 = 1 << 20;

/// The arguments of `symbolize`.
#[derive(Clone, Debug)]
pub struct SymbolizeRequest {
    /// The kernel.
    pub kernel: Selection,
    /// The kernel's address, if the log has none.
    pub runs_at: Option<Address>,
    /// Files of modules, besides those in the folder of the kernel's ELF.
    pub modules: Vec<PlacedModule>,
}

/// Copies stdin to stdout, and writes the name of each address below its line.
///
/// # Errors
/// [`SymbolizeError`] if the kernel has no ELF, or the log cannot be read.
pub fn run(options: &SymbolizeRequest) -> Result<(), SymbolizeError> {
    let path = kernel_elf::select(&options.kernel)?;
    let folder = path.parent().map(Path::to_owned);
    let file =
        user_file::read(&path, Limit::KERNEL).map_err(|source| SymbolizeError::Read { path, source })?;
    let paths: Vec<_> = options.modules.iter().map(|module| module.path.clone()).collect();
    let modules = modules::of_kernel(&file, folder.as_deref(), &paths)?;
    let mut names = Names::of(&file).running_at(options.runs_at).with_modules(&modules);
    // The first modules are the named ones, in their order.
    for (module, file) in options.modules.iter().zip(&modules) {
        if let Some(parts) = module.parts {
            names = names.with_loaded(&file.name, parts);
        }
    }
    copy(io::stdin().lock(), names, |line| match line {
        Line::Result(text) => output::result(text),
        Line::Note(text) => output::note(text),
    })
}

/// A line of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'a> {
    /// A line of the log, or a name.
    Result(&'a str),
    /// A remark about the log.
    Note(&'a str),
}

fn copy(
    mut log: impl BufRead,
    mut names: Names<'_>,
    mut write: impl FnMut(Line<'_>),
) -> Result<(), SymbolizeError> {
    for number in 1_u64.. {
        let mut line = Vec::new();
        let read = log.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
        if read.map_err(|source| SymbolizeError::Log { source })? == 0 {
            break;
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\n', '\r']);
        if let Err(error) = names.learn(line) {
            write(Line::Note(&format!(
                "note: line {number} of the log is an invalid landing report, so it does not state the kernel's address; pass --runs-at ADDRESS\n  {error}"
            )));
        }
        write(Line::Result(line));
        names.in_line(line).iter().for_each(|named| write(Line::Result(&named.to_string())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use landfall_image::console::REPORT;

    use super::*;
    use crate::report::tests::GOOD;

    #[test]
    fn a_log_of_any_bytes_is_copied_line_by_line() {
        let mut lines = Vec::new();
        let log = &b"a\r\n\xff\x1b[2J 0x10\n\nlast"[..];
        copy(log, Names::of(b""), |line| lines.push(format!("{line:?}"))).expect("a copy");
        let expected =
            ["a", "\u{fffd}\u{1b}[2J 0x10", "", "last"].map(|line| format!("{:?}", Line::Result(line)));
        assert_eq!(lines, expected);
    }

    #[test]
    fn an_invalid_report_is_reported_with_its_line_and_the_help() {
        let cut_off = &GOOD[..GOOD.len() / 2];
        for (report, words) in [(cut_off, "not a JSON object"), ("{}", "has no /outcome"), (GOOD, "")] {
            let mut notes = Vec::new();
            let log = format!("a\n{REPORT}{report}\n");
            let write = |line: Line<'_>| {
                if let Line::Note(note) = line {
                    notes.push(note.to_owned());
                }
            };
            copy(log.as_bytes(), Names::of(b""), write).expect("a copy");
            assert_eq!(notes.len(), usize::from(!words.is_empty()), "{notes:?}");
            for note in notes {
                assert!(
                    note.contains("line 2 ") && note.contains("--runs-at") && note.contains(words),
                    "{note}"
                );
            }
        }
    }
}

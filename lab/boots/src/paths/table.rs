//! Which way was gone in which mode with how many harts, as the table of the documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

use super::BootPath;
use landfall_host::machine::Mode;

/// Where the same table stands, from this crate's folder.
const DOCUMENT: &str = "../../docs/boot-paths.md";

/// What came of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    cells: BTreeMap<BootPath, BTreeMap<(Mode, u32), Outcomes>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Outcomes {
    landed: usize,
    failed: usize,
}

impl Table {
    pub(crate) fn add(&mut self, path: BootPath, at: (Mode, u32), landed: bool) {
        let cell = self.cells.entry(path).or_default().entry(at).or_default();
        *(if landed { &mut cell.landed } else { &mut cell.failed }) += 1;
    }

    /// Whether the documentation has this table, line by line; `None` where not every path was tried.
    pub(crate) fn check_document(&self) -> Option<Result<(), String>> {
        if self.cells.len() < BootPath::ALL.len() {
            return None;
        }
        let text = self.to_string();
        let document = match fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT)) {
            Ok(document) => document,
            Err(error) => return Some(Err(format!("{DOCUMENT}: {error}"))),
        };
        let absent = text.lines().find(|line| !document.lines().any(|found| found == *line));
        Some(match absent {
            None => Ok(()),
            Some(line) => Err(format!("docs/boot-paths.md has no line \"{line}\"; right is\n{text}")),
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: BTreeSet<_> = self.cells.values().flat_map(|row| row.keys().copied()).collect();
        if columns.is_empty() {
            return Ok(());
        }
        write!(f, "| path |")?;
        for (mode, harts) in &columns {
            let s = if *harts == 1 { "" } else { "s" };
            write!(f, " {}, {harts} hart{s} |", format!("{mode:?}").to_lowercase())?;
        }
        writeln!(f, "\n|---|{}", "---|".repeat(columns.len()))?;
        for (path, row) in &self.cells {
            write!(f, "| {} |", path.name())?;
            for column in &columns {
                match row.get(column) {
                    None => write!(f, " not tried |")?,
                    Some(Outcomes { failed: 0, .. }) => write!(f, " landed |")?,
                    Some(Outcomes { landed, failed }) => {
                        write!(f, " {failed} of {} failed |", landed + failed)?;
                    }
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of a run in which `failed` alone did not land.
    fn table(failed: Option<BootPath>) -> Table {
        let mut table = Table::default();
        for path in BootPath::ALL {
            for mode in [Mode::Sv39, Mode::Sv48, Mode::Sv57] {
                for harts in [1, 4] {
                    table.add(path, (mode, harts), failed != Some(path));
                }
            }
        }
        table
    }

    #[test]
    fn the_document_has_the_table_of_a_run_in_which_all_land() {
        assert_eq!(table(None).check_document(), Some(Ok(())));
    }

    #[test]
    fn the_document_lacks_what_did_not_land() {
        let table = table(Some(BootPath::Payload));
        let Some(Err(error)) = table.check_document() else { panic!("the document has everything") };
        assert!(error.contains("1 of 1 failed"), "{error}");
    }

    #[test]
    fn a_part_of_the_paths_makes_no_table() {
        let mut table = Table::default();
        table.add(BootPath::Dynamic, (Mode::Sv39, 1), true);
        assert_eq!(table.check_document(), None);
    }
}

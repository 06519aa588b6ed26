//! The boot paths by mode and number of harts, as the table of the documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;

use super::BootPath;
use landfall_host::machine::Mode;

/// The document with the same table, from the root of the checkout.
const DOCUMENT: &str = "docs/boot-paths.md";

/// The landings that tests prove, by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    rows: BTreeMap<BootPath, BTreeSet<(Mode, u32)>>,
}

impl Table {
    /// Adds a landing, which a test proves.
    pub(crate) fn add(&mut self, path: BootPath, mode: Mode, harts: u32) {
        self.rows.entry(path).or_default().insert((mode, harts));
    }

    /// Checks that the document has this table, line by line.
    pub(crate) fn check_document(&self) -> Result<(), String> {
        let document = fs::read_to_string(DOCUMENT).map_err(|error| format!("{DOCUMENT}: {error}"))?;
        self.check(&document)
    }

    fn check(&self, document: &str) -> Result<(), String> {
        let text = self.to_string();
        match text.lines().find(|line| !document.lines().any(|found| found == *line)) {
            None => Ok(()),
            Some(line) => Err(format!("{DOCUMENT} has no line \"{line}\"; the table is\n{text}")),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: BTreeSet<_> = self.rows.values().flatten().copied().collect();
        write!(f, "| path |")?;
        for (mode, harts) in &columns {
            let s = if *harts == 1 { "" } else { "s" };
            write!(f, " {}, {harts} hart{s} |", format!("{mode:?}").to_lowercase())?;
        }
        writeln!(f, "\n|---|{}", "---|".repeat(columns.len()))?;
        for (path, row) in &self.rows {
            write!(f, "| {} |", path.name())?;
            for column in &columns {
                write!(f, " {} |", if row.contains(column) { "landed" } else { "not tried" })?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of all paths but `without`.
    fn table(without: Option<BootPath>) -> Table {
        let mut table = Table::default();
        for path in BootPath::ALL.into_iter().filter(|path| Some(*path) != without) {
            for mode in [Mode::Sv39, Mode::Sv48, Mode::Sv57] {
                for harts in [1, 4] {
                    table.add(path, mode, harts);
                }
            }
        }
        table
    }

    #[test]
    fn a_document_that_lacks_a_line_of_the_table_is_reported() {
        let table = table(None);
        let document = table.to_string();
        assert_eq!(table.check(&document), Ok(()));
        let line = format!("| {} |", BootPath::Payload.name());
        let without: Vec<_> = document.lines().filter(|found| !found.starts_with(&line)).collect();
        let error = table.check(&without.join("\n")).expect_err("a line is missing");
        assert!(error.contains(&line), "{error}");
    }

    #[test]
    fn a_landing_that_no_test_proves_is_not_in_the_table() {
        let mut table = table(Some(BootPath::Payload));
        table.add(BootPath::Payload, Mode::Sv39, 1);
        let text = table.to_string();
        let row = text.lines().find(|line| line.contains(BootPath::Payload.name())).expect("its row");
        assert_eq!((row.matches("landed").count(), row.matches("not tried").count()), (1, 5), "{row}");
    }
}

//! The counts, per axis.

use std::collections::BTreeMap;
use std::fmt;

use super::case::Case;
use super::paths;
use landfall_host::machine::Mode;

/// How many cases passed and failed, by axis and value.
#[derive(Debug, Default)]
pub(super) struct Summary {
    axes: BTreeMap<&'static str, BTreeMap<String, [usize; 2]>>,
    pub(super) paths: paths::Table,
}

impl Summary {
    /// Counts a case, by its own axes and by what its landing was like.
    pub(super) fn add(&mut self, case: &Case, traits: &[(&'static str, String)], passed: bool) {
        for (axis, value) in case.axes.iter().chain(traits) {
            let counts = self.axes.entry(axis).or_default().entry(value.clone()).or_default();
            counts[usize::from(!passed)] += 1;
        }
        if let Some(path) = case.path {
            let (mode, harts) = (case.machine.mode.unwrap_or(Mode::Sv57), case.machine.harts.get());
            self.paths.add(path, (mode, harts), passed);
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (axis, values) in &self.axes {
            write!(f, "{axis:<10}")?;
            for (value, [passed, failed]) in values {
                write!(f, "  {value} {passed}")?;
                if *failed != 0 {
                    write!(f, " ({failed} failed)")?;
                }
            }
            writeln!(f)?;
        }
        write!(f, "{}", self.paths)
    }
}

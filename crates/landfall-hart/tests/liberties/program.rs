//! A program for a liberty, and its machines.

use std::collections::BTreeMap;

use landfall_hart::config::{Config, Kernel, Mode, Options};
use landfall_hart::liberty::{Liberties, Liberty};
use landfall_hart::{Machine, Outcome};

use crate::assemble::Code;

/// The instructions that a run may execute.
pub(crate) const LIMIT: u64 = 4_000_000;

/// The care that a program takes of its liberty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// It forgets it.
    Missing,
    /// It has the fence, or the other way, that the liberty asks for.
    Taken,
}

/// A program that fails under a liberty.
pub(crate) struct Program {
    /// The liberty.
    pub(crate) liberty: Liberty,
    /// Liberties without which the liberty has no effect.
    pub(crate) needs: &'static [Liberty],
    /// The least number of 64 seeds for which it fails.
    pub(crate) fails: usize,
    /// The number of harts.
    pub(crate) harts: usize,
    /// The widest mode of translation, if it is given.
    pub(crate) widest: Option<Mode>,
    /// Writes the code.
    pub(crate) write: fn(&mut Code, Care),
    /// Returns what lies in memory besides: physical addresses and words.
    pub(crate) tables: fn() -> Vec<(u64, u64)>,
}

impl Program {
    /// A program with one hart, without tables.
    pub(crate) const fn new(liberty: Liberty, fails: usize, write: fn(&mut Code, Care)) -> Self {
        Self { liberty, needs: &[], fails, harts: 1, widest: None, write, tables: Vec::new }
    }

    /// Returns the liberties with which it fails.
    pub(crate) fn liberties(&self) -> Liberties {
        self.needs.iter().copied().chain([self.liberty]).collect()
    }

    /// Returns its machine.
    pub(crate) fn machine(&self, seed: u64, liberties: Liberties, care: Care) -> Config {
        let mut code = Code::default();
        (self.write)(&mut code, care);
        let options = Options {
            harts: self.harts,
            memory: 32 << 20,
            widest: self.widest,
            ..Options::new(Kernel::raw(code.finish().0))
        };
        let mut config = Config::draw(seed, liberties, &options).expect("a machine");
        let words = (self.tables)().into_iter();
        config.contents.extend(words.map(|(at, word)| (at, word.to_le_bytes().to_vec())));
        config
    }

    /// Returns the offsets of its labels from its entry.
    pub(crate) fn labels(&self, care: Care) -> BTreeMap<&'static str, u64> {
        let mut code = Code::default();
        (self.write)(&mut code, care);
        code.finish().1
    }

    /// Runs it, and returns the machine and true if it reported a failure. It must report.
    pub(crate) fn run(&self, seed: u64, liberties: Liberties, care: Care) -> (Machine, bool) {
        let mut machine = Machine::new(self.machine(seed, liberties, care));
        let outcome = machine.run(LIMIT);
        let Outcome::Shutdown { failed } = outcome else {
            let name = self.liberty.name();
            panic!("{name}, seed {seed}, {liberties:?}, care {care:?}: no report, but {outcome:?}");
        };
        (machine, failed)
    }
}

//! Explains a failure: the liberties that it needs, and the choice that decides it.
//!
//! A run depends on its machine alone, so a failure can be repeated with fewer liberties, and with
//! fewer choices of one of them. Two searches do that: one for a minimal set of liberties, one for
//! the first choice after which the run fails.

mod text;

use crate::config::Config;
use crate::liberty::{Focus, Liberties, Liberty};
use crate::machine::{Machine, Outcome};
use crate::world::Use;

/// Why a run failed.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The seed.
    pub seed: u64,
    /// A minimal set of liberties with which the run fails; without any one of them it passes.
    pub liberties: Vec<Liberty>,
    /// For each liberty of the set whose choices are made during the run: the decisive one.
    pub decisive: Vec<Decisive>,
    /// The number of runs that the search took.
    pub runs: u32,
}

/// A decisive choice: with the choices of its liberty up to it the run fails, with one less it
/// passes.
#[derive(Clone, Debug)]
pub struct Decisive {
    /// The liberty.
    pub liberty: Liberty,
    /// The number of the choice.
    pub event: u64,
    /// The effect of the choice, for liberties of a hart's start: a register and its value, or a
    /// hart that begins late.
    pub effect: Option<String>,
    /// The use of the past that the choice led to.
    pub stale: Option<StaleUse>,
}

/// A use of what a store had replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaleUse {
    /// The id of the hart that used it.
    pub hart: u64,
    /// The address of the instruction that used it.
    pub pc: u64,
    /// The virtual address of its access.
    pub virtual_address: u64,
    /// The physical address of the word that was read too early.
    pub word: u64,
    /// The value that was used.
    pub used: u64,
    /// The value in memory.
    pub present: u64,
    /// The id of the hart that stored; `None` for what a loader or the firmware left.
    pub writer: Option<u64>,
    /// The address of the instruction that stored.
    pub writer_pc: u64,
}

/// Explains why a machine fails; returns `None` if it does not fail.
///
/// `fails` judges a run. `limit` is the number of instructions that a run may execute.
pub fn explain(
    config: &Config,
    limit: u64,
    mut fails: impl FnMut(&Machine, Outcome) -> bool,
) -> Option<Explanation> {
    explain_with(
        config,
        |liberties| Some(Config { liberties, ..config.clone() }),
        |machine| {
            let outcome = machine.run(limit);
            fails(machine, outcome)
        },
    )
}

/// Explains as [`explain`] does, with a caller that draws each machine and runs it.
///
/// `draw` returns the same machine with other liberties, or `None` if it cannot. So the set can
/// have liberties of the machine's shape, such as [`Liberty::Devices`], too. `fails` runs a machine
/// and judges it.
pub fn explain_with(
    config: &Config,
    mut draw: impl FnMut(Liberties) -> Option<Config>,
    mut fails: impl FnMut(&mut Machine) -> bool,
) -> Option<Explanation> {
    let mut search = Search { config, runs: 0, draw: &mut draw, fails: &mut fails };
    if !search.fails_with(config.liberties, None) {
        return None;
    }
    let liberties = search.minimal_liberties();
    let decisive = liberties.iter().filter_map(|liberty| search.decisive(liberties, liberty));
    let decisive = decisive.collect();
    Some(Explanation {
        seed: config.seed,
        liberties: liberties.iter().collect(),
        decisive,
        runs: search.runs,
    })
}

struct Search<'a> {
    config: &'a Config,
    runs: u32,
    draw: &'a mut dyn FnMut(Liberties) -> Option<Config>,
    fails: &'a mut dyn FnMut(&mut Machine) -> bool,
}

impl Search<'_> {
    /// Returns a machine after its run, and true if the run failed; `None` if there is no such
    /// machine.
    fn run(&mut self, liberties: Liberties, focus: Option<Focus>) -> Option<(Machine, bool)> {
        self.runs += 1;
        let config = (self.draw)(liberties)?;
        let mut machine = match focus {
            Some(focus) => Machine::focused(config, focus),
            None => Machine::new(config),
        };
        let fails = (self.fails)(&mut machine);
        Some((machine, fails))
    }

    fn fails_with(&mut self, liberties: Liberties, focus: Option<Focus>) -> bool {
        self.run(liberties, focus).is_some_and(|(_, fails)| fails)
    }

    /// Returns a set without which the run passes if any one is left out.
    fn minimal_liberties(&mut self) -> Liberties {
        let mut kept = self.config.liberties;
        // Halves first, then single ones: most liberties have no part in a failure.
        let mut size = Liberty::ALL.len() / 2;
        while size > 0 {
            let all: Vec<_> = kept.iter().collect();
            for part in all.chunks(size) {
                let fewer = part.iter().fold(kept, |set, &liberty| set.without(liberty));
                if fewer != kept && self.fails_with(fewer, None) {
                    kept = fewer;
                }
            }
            size /= 2;
        }
        kept
    }

    /// Finds the choice of a liberty with which a run begins to fail.
    fn decisive(&mut self, liberties: Liberties, liberty: Liberty) -> Option<Decisive> {
        let (machine, _) = self.run(liberties, None)?;
        let (mut passes, mut fails) = (0, machine.world.choices.opportunities(liberty));
        if fails == 0 || self.fails_with(liberties, Some(Focus { liberty, events: 0 })) {
            return None;
        }
        while fails - passes > 1 {
            let middle = passes + (fails - passes) / 2;
            if self.fails_with(liberties, Some(Focus { liberty, events: middle })) {
                fails = middle;
            } else {
                passes = middle;
            }
        }
        let (machine, _) = self.run(liberties, Some(Focus { liberty, events: fails }))?;
        let stale = machine.last_use(liberty).map(|used| stale(&machine, used));
        let effect = machine.world.choices.effect().map(str::to_owned);
        Some(Decisive { liberty, event: fails, effect, stale })
    }
}

fn stale(machine: &Machine, used: &Use) -> StaleUse {
    let id = |index: usize| machine.harts.get(index).map(|hart| hart.id);
    StaleUse {
        hart: id(used.hart).unwrap_or(0),
        pc: used.pc,
        virtual_address: used.virtual_address,
        word: used.word,
        used: used.used,
        present: used.present,
        writer: id(used.writer),
        writer_pc: used.writer_pc,
    }
}

#[cfg(test)]
mod tests;

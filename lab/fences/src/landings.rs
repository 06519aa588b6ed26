//! Many landings, each judged by the oracle.

use landfall_hart::liberty::{Liberties, Liberty};

use crate::kernel::Image;
use crate::oracle;
use crate::trial::{Seen, Trial};
use crate::workers;

/// A landing that the oracle did not expect.
#[derive(Clone, Debug)]
pub struct Surprise {
    /// The landing.
    pub trial: Trial,
    /// The result that the oracle expects.
    pub expected: String,
    /// The result.
    pub seen: String,
}

/// The result of many landings.
#[derive(Clone, Debug, Default)]
pub struct Landings {
    /// Landings that were as expected.
    pub good: usize,
    /// Of these, those that had to refuse, and did.
    pub refused: usize,
    /// The others.
    pub surprises: Vec<Surprise>,
    /// Instructions in all.
    pub instructions: u64,
    /// By liberty: the choices with two possible results or more.
    pub opportunities: Vec<(Liberty, u64)>,
}

/// Runs `count` landings, and hands each to `done` as it ends: a surprise, if it is one.
pub fn run(
    image: &Image,
    first: u64,
    count: usize,
    liberties: Liberties,
    mut done: impl FnMut(Option<&Surprise>),
) -> Landings {
    let mut all = Landings {
        opportunities: Liberty::ALL.iter().map(|&liberty| (liberty, 0)).collect(),
        ..Landings::default()
    };
    let work = |index: usize| {
        let trial = Trial::drawn(image, first + index as u64, liberties);
        let config = trial.config(image);
        let (machine, seen) = match (config, trial.run(image)) {
            (Ok(config), Ok((machine, seen))) => {
                let expected = oracle::expected(image, &config, &machine);
                (Some(machine), (expected, seen))
            }
            (Err(error), _) | (_, Err(error)) => {
                let what = error.to_string();
                (None, (Seen::Lost { what: String::new() }, Seen::Lost { what }))
            }
        };
        let instructions = machine.as_ref().map_or(0, landfall_hart::Machine::executed);
        let counts: Vec<_> = Liberty::ALL
            .iter()
            .map(|&liberty| machine.as_ref().map_or(0, |machine| machine.opportunities(liberty)))
            .collect();
        (trial, seen, instructions, counts)
    };
    workers::each(count, work, |_, (trial, (expected, seen), instructions, counts)| {
        all.instructions += instructions;
        for (sum, count) in all.opportunities.iter_mut().zip(counts) {
            sum.1 += count;
        }
        let is_surprise = expected != seen;
        all.refused += usize::from(!is_surprise && matches!(seen, Seen::Refused { .. }));
        let (expected, seen) = (format!("{expected:?}"), format!("{seen:?}"));
        let surprise = is_surprise.then_some(Surprise { trial, expected, seen });
        done(surprise.as_ref());
        all.good += usize::from(!is_surprise);
        all.surprises.extend(surprise);
    });
    all
}

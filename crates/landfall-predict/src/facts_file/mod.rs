//! Facts as a file, as `run --dump-facts` writes it and `plan --facts` reads it.
//!
//! ```text
//! format          2; files of format 1 are read too, a later format is refused
//! plan_version    of the function from facts to a plan; versions may plan differently
//! mode            the probe's result: a mode, "none", or null if the kernel refused before
//! policy          the kernel's policy record, in hex; it has a version of its own
//! compiled_out    names of landfall's features that the kernel is built without, if any
//! slots           the number of slots that rebase adjusts
//! facts           every field of `Facts` that is found, under its own name; a plan decides the
//!                 crash memory anew, by the command line and the policy
//! entropy         kaslr_seed, rng_seed and zkr (of the hart's generator), in hex, as the landing
//!                 found them
//! ```
//!
//! The command line's bytes that are not UTF-8 are written as `\xNN`, and `\` is doubled. Addresses
//! are strings in hex, sizes and counts numbers. The file holds the seeds, and so the kernel's
//! addresses: it is as secret as they are, and only its owner may read it.
//!
//! ```
//! use landfall_predict::facts_file::FactsFile;
//!
//! let file = FactsFile::parse(include_bytes!("../../tests/records/facts-2.json"))?;
//! assert_eq!(file.facts.ram.size(), 1 << 30);
//! assert_eq!(file.command_line, br"path=C:\x41 quiet");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod escape;
mod field;
mod read;
mod write;

use landfall_image::feature::Features;
use landfall_plan::{Facts, Plan, Policy};

use crate::blueprint::Blueprint;
use crate::case::{Case, Taken};
use crate::notes::Note;
use crate::seeds::RawSeeds;
use landfall_paging::Mode;

pub use error::{FactsError, FileError};
pub use read::read;

/// The version of the file's format.
pub const FORMAT: u64 = 2;

/// The most bytes that such a file has: 192 ranges, 512 harts and a tree's worth of command line
/// and seeds take less.
pub const MAX_SIZE: u64 = 16 << 20;

/// One boot, before it was decided.
#[derive(Clone, Debug)]
pub struct FactsFile {
    /// The version of the function by which the boot was planned: at most [`Plan::VERSION`].
    pub plan_version: u32,
    /// The facts of the machine.
    pub facts: Facts,
    /// The command line, whose bytes may be any.
    pub command_line: Vec<u8>,
    /// The kernel's policy.
    pub policy: Policy,
    /// The features of landfall that the kernel is built without.
    pub missing: Features,
    /// The number of slots that `rebase` adjusts.
    pub slots: u64,
    /// The result of the probe.
    pub probe: Probe,
    /// The seeds.
    pub seeds: RawSeeds,
}

/// The result of the kernel's probe of the paging modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// The kernel refused to land before it.
    NotRun,
    /// The hart took no mode.
    TookNothing,
    /// The hart took this one.
    Took(Mode),
}

impl FactsFile {
    /// Returns the boot that the file describes; with `kernel` at the same place, if there is one.
    #[must_use]
    pub fn case(self, kernel: Option<Blueprint>) -> Case {
        let mut facts = self.facts;
        let (policy, missing, slots, seal, inner) = match kernel {
            None => (Ok(self.policy), self.missing, self.slots, Ok(()), None),
            Some(kernel) => {
                facts.image = kernel.at(facts.loaded).parts;
                (kernel.policy, kernel.missing, kernel.slots, kernel.seal, kernel.inner)
            }
        };
        let (modes, mut notes) = match self.probe {
            Probe::NotRun => (Taken::AsPromised, vec![Note::ModeAssumed]),
            Probe::TookNothing => (Taken::Nothing, Vec::new()),
            Probe::Took(mode) => (Taken::Probed(mode), Vec::new()),
        };
        if self.plan_version != Plan::VERSION {
            notes.push(Note::EarlierPlan(self.plan_version));
        }
        Case { facts, policy, missing, seal, slots, modes, seeds: self.seeds, notes, inner }
    }
}

#[cfg(test)]
mod tests;

//! Facts as a file: what `run --dump-facts` writes and `plan --facts` reads.
//!
//! ```text
//! format          2
//! plan_version    of the function from facts to a plan: another version would plan differently
//! mode            what the probe took, "none" where it took nothing, or null where the kernel refused before
//! policy          the kernel's policy record, in hex; it has a version of its own
//! slots           how many slots rebase moves
//! facts           every field of `Facts`, under its own name
//! entropy         kaslr_seed, rng_seed and zkr (of the hart's generator), in hex, as they were before the landing wiped them
//! ```
//!
//! The command line's bytes that are not UTF-8 are written as `\xNN`, and `\` is doubled. Addresses are strings in hex, sizes and counts numbers. The file holds the seeds, and so the kernel's addresses: it is as secret as they are, and only its owner
//! may read it.

mod error;
mod escape;
mod field;
mod read;
mod write;

use landfall::{Entropy, Facts, Mode, Policy, Seeds};
use landfall_plan::{Extension, SeedSource};

pub use error::{FactsError, FactsNotWritten, FileError};
pub use read::read;

/// The version of the file's format.
pub const FORMAT: u64 = 2;

/// The most bytes that such a file has: 192 ranges, 512 harts and a tree's worth of command line and seeds take less.
pub const MAX_SIZE: u64 = 16 << 20;

/// One boot, before it was decided.
#[derive(Clone, Debug)]
pub struct FactsFile {
    /// What the machine is.
    pub facts: Facts,
    /// The command line, whose bytes may be any.
    pub command_line: Vec<u8>,
    /// What the kernel wants.
    pub policy: Policy,
    /// How many slots `rebase` moves.
    pub slots: u64,
    /// What the probe took.
    pub probe: Probe,
    /// The seeds.
    pub seeds: RawSeeds,
}

/// How the kernel's probe of the paging modes ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// The kernel refused to land before it.
    NotRun,
    /// The hart took no mode.
    TookNothing,
    /// The hart took this one.
    Took(Mode),
}

/// Bytes that a landing asks of a hart's generator.
const GENERATED: usize = 64;

/// Seeds as a device tree has them, and bytes of the hart's generator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawSeeds {
    /// `/chosen/kaslr-seed`.
    pub kaslr: Option<Vec<u8>>,
    /// `/chosen/rng-seed`.
    pub rng: Option<Vec<u8>>,
    /// Random bytes of the hart's own generator (Zkr).
    pub zkr: Option<Vec<u8>>,
}

impl RawSeeds {
    /// Returns the seeds of `tree`; several of one name are one.
    #[must_use]
    pub fn of(seeds: &Seeds, tree: &[u8]) -> Self {
        let from = |source| Some(seeds.values(tree, source).collect::<Vec<_>>().concat());
        let some = |seed: Option<Vec<u8>>| seed.filter(|seed| !seed.is_empty());
        let (kaslr, rng) = (some(from(SeedSource::KASLR_SEED)), some(from(SeedSource::RNG_SEED)));
        Self { kaslr, rng, zkr: None }
    }

    /// Returns the same with bytes in the place of what the generator of the boot hart will give; `None` if that hart has none.
    #[must_use]
    pub fn with_assumed_generator(&self, facts: &Facts) -> Option<Self> {
        let boot_hart = facts.harts.find(facts.boot_hart)?;
        let has_generator = boot_hart.extensions.contains(Extension::Zkr);
        has_generator.then(|| Self { zkr: Some(vec![0x5a; GENERATED]), ..self.clone() })
    }

    /// Returns the random numbers that a landing makes of them.
    #[must_use]
    pub fn entropy(&self) -> Option<Entropy> {
        let seeds = [
            (SeedSource::KASLR_SEED, &self.kaslr),
            (SeedSource::RNG_SEED, &self.rng),
            (SeedSource::ZKR, &self.zkr),
        ];
        Entropy::mix(seeds.into_iter().filter_map(|(source, seed)| Some((source, seed.as_deref()?))))
    }
}

#[cfg(test)]
mod tests;

//! Seeds as a boot has them, before the landing mixes and wipes them.
//!
//! ```
//! use landfall_plan::Facts;
//! use landfall_predict::seeds::RawSeeds;
//!
//! let seeds = RawSeeds { rng: Some(vec![0x5a; 32]), ..RawSeeds::default() };
//! assert!(seeds.entropy().is_some());
//! // Nothing is known of a generator of the hart.
//! assert_eq!(seeds.with_assumed_generator(&Facts::UNKNOWN), None);
//! ```

use landfall_plan::Facts;
use landfall_plan::harts::Extension;
use landfall_plan::randomness::SeedSource;
use landfall_tree::{Entropy, Seeds};

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

    /// Returns the same with bytes in the place of what the generator of the boot hart will give;
    /// `None` if that hart has none.
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

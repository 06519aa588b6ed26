//! One boot to be predicted, and the prediction: what the landing does between the kernel's first
//! instruction and its plan, without a machine.
//!
//! ```
//! use landfall_predict::case::{Outcome, Taken};
//! use landfall_predict::facts_file::FactsFile;
//!
//! let facts = include_bytes!("../tests/records/facts-2.json");
//! let mut case = FactsFile::parse(facts)?.case(None);
//! assert!(matches!(case.clone().predict(), Outcome::Lands(_)));
//!
//! // The same machine, if its hart takes no mode.
//! case.modes = Taken::Nothing;
//! let Outcome::Refuses(refused) = case.predict() else { panic!("no mode is left") };
//! println!("{refused}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use landfall_image::feature::{Feature, Features};
use landfall_image::record::Parts;
use landfall_image::seal::SealError;
use landfall_paging::{Mode, PAGE_SIZE, PhysAddr};
use landfall_plan::facts::ImageFacts;
use landfall_plan::planner::ModeLimit;
use landfall_plan::policy::{Alias, Placement, PolicyError};
use landfall_plan::randomness::KaslrState;
use landfall_plan::{Facts, Plan, Policy, Refusal, Rule};

use super::blueprint::Blueprint;
use super::inner::{InnerImage, InnerPrediction};
use super::notes::Note;
use super::seeds::RawSeeds;
use crate::Randomness;

/// Everything that decides about a boot.
#[derive(Clone, Debug)]
pub struct Case {
    /// The facts of the machine.
    pub facts: Facts,
    /// The kernel's policy.
    pub policy: Result<Policy, PolicyError>,
    /// The features of landfall that the kernel is built without.
    pub missing: Features,
    /// The state of the image's seal.
    pub seal: Result<(), SealError>,
    /// The number of slots that `rebase` adjusts.
    pub slots: u64,
    /// The known result of the probe of modes.
    pub modes: Taken,
    /// The source of random numbers.
    pub seeds: RawSeeds,
    /// The assumptions of the facts.
    pub notes: Vec<Note>,
    /// The inner kernel, if the kernel is a wrapper.
    pub inner: Option<InnerImage>,
}

/// The known result of the boot hart's probe of modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All that its `mmu-type` promises.
    AsPromised,
    /// No better one than this.
    Upto(Mode),
    /// The probe took this one.
    Probed(Mode),
    /// The probe took none.
    Nothing,
}

/// The outcome of a boot.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It lands.
    Lands(Box<Prediction>),
    /// It does not.
    Refuses(Refused),
}

/// A landing that has not been.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// The facts of the machine.
    pub facts: Facts,
    /// The kernel's policy.
    pub policy: Policy,
    /// The number of slots that `rebase` adjusts.
    pub slots: u64,
    /// The plan.
    pub plan: Plan,
    /// The notes, which stop nothing.
    pub notes: Vec<Note>,
    /// The inner kernel, if the kernel is a wrapper.
    pub inner: Option<InnerPrediction>,
}

/// Why there will be no landing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The rule of the boot contract.
    pub rule: Rule,
    /// The fact, its cause and help.
    pub message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {}: {}", self.rule, self.message)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { rule: refusal.rule(), message: refusal.to_string() }
    }
}

impl Prediction {
    /// Returns true if the linear map excludes the kernel's own region.
    #[must_use]
    pub fn absent_alias(&self) -> bool {
        (self.plan.placement, self.policy.alias()) == (Placement::OwnRegion, Alias::Absent)
    }
}

impl Case {
    /// Returns the case of `kernel` at its first instruction, at `base` on a machine with these
    /// facts and seeds.
    #[must_use]
    pub fn at_entry(mut facts: Facts, seeds: RawSeeds, kernel: &Blueprint, base: PhysAddr) -> Self {
        (facts.image, facts.loaded) = (kernel.at(base).parts, base);
        Self {
            facts,
            policy: kernel.policy,
            missing: kernel.missing,
            seal: kernel.seal,
            slots: kernel.slots,
            modes: Taken::AsPromised,
            seeds,
            notes: Vec::new(),
            inner: kernel.inner.clone(),
        }
    }

    /// Returns the facts of the kernel's image.
    #[must_use]
    pub fn kernel(&self) -> Blueprint {
        let ImageFacts { text, constants, early, data } = self.facts.image;
        Blueprint {
            missing: self.missing,
            parts: Parts { text, constants, early, data },
            policy: self.policy,
            slots: self.slots,
            seal: self.seal,
            inner: self.inner.clone(),
        }
    }

    /// Returns the same case with notes of what another boot of this machine may change. The output
    /// of the hart's generator is assumed, if it has one.
    #[must_use]
    pub fn of_machine(mut self, randomness: Randomness) -> Self {
        self.notes.push(Note::ModeAssumed);
        if randomness == Randomness::Fresh {
            self.notes.push(Note::FreshSeed);
        }
        if self.facts.harts.len() > 1 {
            self.notes.push(Note::BootHartVaries(self.facts.boot_hart));
        }
        if let Some(seeds) = self.seeds.with_assumed_generator(&self.facts) {
            self.notes.push(Note::ZkrAssumed);
            self.seeds = seeds;
        }
        self
    }

    /// Predicts.
    #[must_use]
    pub fn predict(mut self) -> Outcome {
        match self.plan() {
            Err(refused) => Outcome::Refuses(refused),
            Ok((policy, plan)) => {
                let mut notes = self.notes;
                // Another seed changes nothing in a layout that no seed decides.
                let random = matches!(plan.kaslr, KaslrState::Random(_));
                notes.retain(|note| !matches!(note, Note::FreshSeed | Note::ZkrAssumed) || random);
                notes.extend(Note::of(&self.facts, &policy, &plan));
                let Self { facts, slots, .. } = self;
                let entropy = self.seeds.entropy();
                let inner = self.inner.map(|inner| match InnerPrediction::of_policy(&policy) {
                    Some(refused) => refused,
                    None => inner.predict(&plan, &facts, entropy.as_ref()),
                });
                Outcome::Lands(Box::new(Prediction { facts, policy, slots, plan, notes, inner }))
            }
        }
    }

    /// The rules in the order in which the kernel checks them.
    fn plan(&mut self) -> Result<(Policy, Plan), Refused> {
        self.check_loading()?;
        let policy = self.policy.map_err(Refusal::BadPolicy)?;
        let mode = self.mode(ModeLimit::new(&self.facts, &policy)?)?;
        self.facts.reserve_crash_memory(&policy);
        let entropy = self.seeds.entropy();
        let draws = entropy.as_ref().map(|entropy| &entropy.draws);
        let plan = if self.missing.contains(Feature::Relocate) { Plan::in_place } else { Plan::new };
        Ok((policy, plan(&self.facts, &policy, mode, draws)?))
    }

    /// Rules 1, 2 and 5, which the kernel's first instructions check.
    fn check_loading(&self) -> Result<(), Refused> {
        let (image, tree) = (self.facts.loaded_image().all(), self.facts.tree);
        let refuse = |rule, message| Err(Refused { rule, message });
        if !image.start().is_aligned(PAGE_SIZE) {
            let start = image.start();
            return refuse(
                Rule::Alignment,
                format!(
                    "the image begins at {start}, which is not a multiple of 0x1000 (4 KiB); load it at a multiple"
                ),
            );
        }
        if let Err(error) = self.seal {
            return refuse(
                Rule::Header,
                format!("{error}; the file changed after the build, or was loaded in part; load it again"),
            );
        }
        if tree.overlaps(image) {
            let message = format!(
                "the device tree at {} overlaps the image or its .bss; load it outside the image_size bytes from the image's start",
                tree.start()
            );
            return refuse(Rule::TreeOverlap, message);
        }
        Ok(())
    }

    /// Returns the mode that the probe would accept.
    fn mode(&self, limit: ModeLimit) -> Result<Mode, Refusal> {
        let offered = match self.modes {
            Taken::AsPromised => Some(Mode::Sv57),
            Taken::Upto(mode) | Taken::Probed(mode) => Some(mode),
            Taken::Nothing => None,
        };
        let image = self.facts.loaded_image().all();
        limit.choose(image, image.start(), |mode| Ok(offered.is_some_and(|offered| mode <= offered)))
    }
}

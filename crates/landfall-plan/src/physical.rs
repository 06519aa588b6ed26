//! The image's place in physical memory: its load address, or the place to which it is moved before
//! it lands.

use core::fmt;

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};

use crate::facts::{Facts, OtherHarts};
use crate::pack::Packing;
use crate::policy::{PhysicalPlacement, Policy};
use crate::ram_ranges::{Taken, targets};
use crate::randomness::{Draws, PlaceCount};

/// The image's place in physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhysicalPlace {
    /// The load address.
    pub loaded: PhysAddr,
    /// At how many places it could lie.
    pub places: PlaceCount,
    /// Its move, or the reason against one.
    pub movement: Movement,
}

/// The move of the image before it lands, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// It stays where it was loaded.
    Stays(StayReason),
    /// It is copied, by code that runs in this page of free memory, which is neither part of the
    /// old place nor of the new.
    Moves {
        /// The new place of its first byte.
        to: PhysAddr,
        /// The page.
        copier: PhysAddr,
    },
}

/// Why an image stays where it was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StayReason {
    /// The policy does not ask for anything else.
    NotWanted,
    /// No place needs fewer leaves.
    NothingBetter,
    /// Random numbers are missing, or forbidden.
    NotRandom,
    /// There is no other place: all free memory is too small.
    NoPlace,
    /// The other harts wait in it.
    HartsInImage,
    /// There is no page from which it could be copied.
    NoPageForCopier,
    /// The place drawn is the one where it is.
    DrawnAgain,
    /// At the other place, too little memory would be left for tables and stacks.
    NoMemoryBeside,
}

impl fmt::Display for StayReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotWanted => "the policy leaves it where it was loaded",
            Self::NothingBetter => "no place needs fewer leaves",
            Self::NotRandom => "there is no randomness",
            Self::NoPlace => "no other free memory is large enough",
            Self::HartsInImage => "the other harts wait in it, since the firmware has no HSM",
            Self::NoPageForCopier => "no free page is left from which it could be copied",
            Self::DrawnAgain => "the place drawn is the one where it was loaded",
            Self::NoMemoryBeside => "elsewhere too little memory would be left for tables and stacks",
        })
    }
}

/// A way to give the image its place.
pub(crate) trait Placing {
    /// Decides. `packing` makes what compares places.
    fn place<'a>(
        facts: &Facts,
        policy: &Policy,
        reach: PhysRange,
        draws: Option<&Draws>,
        packing: impl FnOnce() -> Packing<'a>,
    ) -> PhysicalPlace;
}

/// As the policy asks.
#[derive(Debug)]
pub(crate) enum ByPolicy {}

/// Its load address. A kernel that uses this one alone links nothing of the other.
#[derive(Debug)]
pub(crate) enum AsLoaded {}

impl Placing for ByPolicy {
    fn place<'a>(
        facts: &Facts,
        policy: &Policy,
        reach: PhysRange,
        draws: Option<&Draws>,
        packing: impl FnOnce() -> Packing<'a>,
    ) -> PhysicalPlace {
        PhysicalPlace::choose(facts, policy, reach, draws, packing)
    }
}

impl Placing for AsLoaded {
    fn place<'a>(
        facts: &Facts,
        _: &Policy,
        _: PhysRange,
        _: Option<&Draws>,
        _: impl FnOnce() -> Packing<'a>,
    ) -> PhysicalPlace {
        let movement = Movement::Stays(StayReason::NotWanted);
        PhysicalPlace { loaded: facts.loaded, places: PlaceCount::new(1), movement }
    }
}

impl PhysicalPlace {
    /// Decides. `packing` makes what compares places.
    pub(crate) fn choose<'a>(
        facts: &Facts,
        policy: &Policy,
        reach: PhysRange,
        draws: Option<&Draws>,
        packing: impl FnOnce() -> Packing<'a>,
    ) -> Self {
        let (loaded, size) = (facts.loaded, facts.image.size());
        let stays = |reason| Self { loaded, places: PlaceCount::new(1), movement: Movement::Stays(reason) };
        let chosen = match (policy.physical, facts.other_harts) {
            (PhysicalPlacement::Stay, _) => Err(StayReason::NotWanted),
            (_, OtherHarts::InImage) => Err(StayReason::HartsInImage),
            (PhysicalPlacement::Random, _) => match draws {
                Some(draws) => draw(facts, reach, draws).ok_or(StayReason::NoPlace),
                None => Err(StayReason::NotRandom),
            },
            (PhysicalPlacement::Pack, _) => {
                let best = packing().best(reach);
                best.map(|best| (best, PlaceCount::new(1))).ok_or(StayReason::NothingBetter)
            }
        };
        match chosen {
            Err(reason) => stays(reason),
            Ok((to, places)) if to == loaded => {
                Self { loaded, places, movement: Movement::Stays(StayReason::DrawnAgain) }
            }
            Ok((to, places)) => {
                match free_page(facts, reach, facts.loaded_image().all(), PhysRange::new(to, size)) {
                    Some(copier) => Self { loaded, places, movement: Movement::Moves { to, copier } },
                    None => stays(StayReason::NoPageForCopier),
                }
            }
        }
    }

    pub(crate) const fn staying(self, reason: StayReason) -> Self {
        Self { movement: Movement::Stays(reason), ..self }
    }

    /// Returns the place of the image when it lands.
    #[must_use]
    pub const fn base(&self) -> PhysAddr {
        match self.movement {
            Movement::Stays(_) => self.loaded,
            Movement::Moves { to, .. } => to,
        }
    }
}

/// Any page of any free stretch that leaves room for the image: each is equally likely.
fn draw(facts: &Facts, reach: PhysRange, draws: &Draws) -> Option<(PhysAddr, PlaceCount)> {
    let places = |free: PhysRange| (free.size() - facts.image.size()) / PAGE_SIZE + 1;
    let taken = Taken::new(facts, [PhysRange::EMPTY; 3]);
    let targets = targets(facts, reach, &taken);
    let count: u64 = targets.clone().map(places).sum();
    if count == 0 {
        return None;
    }
    let count = PlaceCount::new(count);
    let mut index = count.choose(draws.physical);
    for free in targets {
        if index < places(free) {
            return Some((free.start().wrapping_add(index * PAGE_SIZE), count));
        }
        index -= places(free);
    }
    None
}

/// A page outside both places.
fn free_page(facts: &Facts, reach: PhysRange, image: PhysRange, target: PhysRange) -> Option<PhysAddr> {
    let taken = Taken::new(facts, [image, target, PhysRange::EMPTY]);
    taken.usable(facts, reach.end()).find(|free| free.size() >= PAGE_SIZE).map(PhysRange::start)
}

//! Where the image lies in physical memory: where it was loaded, or where it is moved to before it lands.

use core::fmt;

use landfall_paging::{PAGE_SIZE, PhysAddr};

use crate::facts::{Facts, OtherHarts};
use crate::memory::Stretches;
use crate::pack::Packing;
use crate::policy::{Physical, Policy};
use crate::randomness::{Draws, Whole};
use crate::range::Range;

/// The image's place in physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhysicalPlace {
    /// Where the boot loader put it.
    pub loaded: PhysAddr,
    /// At how many places it could lie.
    pub places: Whole,
    /// What becomes of it.
    pub movement: Movement,
}

/// Whether the image is moved before it lands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// It stays where it was loaded.
    Stays(Reason),
    /// It is copied, by code that runs in this page of free memory, which is neither part of the old place nor of the new.
    Moves {
        /// The new place of its first byte.
        to: PhysAddr,
        /// The page.
        copier: PhysAddr,
    },
}

/// Why an image stays where it was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
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

impl fmt::Display for Reason {
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

impl PhysicalPlace {
    /// Decides. `packing` compares places.
    pub(crate) fn choose(
        facts: &Facts,
        policy: &Policy,
        reach: Range,
        draws: Option<&Draws>,
        packing: &Packing<'_>,
    ) -> Self {
        let loaded = facts.image.base;
        let stays = |reason| Self { loaded, places: Whole::new(1), movement: Movement::Stays(reason) };
        if policy.physical == Physical::Stay {
            return stays(Reason::NotWanted);
        }
        if facts.other_harts == OtherHarts::InImage {
            return stays(Reason::HartsInImage);
        }
        let (to, places) = match policy.physical {
            Physical::Random => {
                let Some(draws) = draws else { return stays(Reason::NotRandom) };
                let Some(found) = draw(facts, reach, draws) else { return stays(Reason::NoPlace) };
                found
            }
            Physical::Pack | Physical::Stay => match packing.best(facts, reach) {
                Some(best) => (best, Whole::new(1)),
                None => return stays(Reason::NothingBetter),
            },
        };
        let image = facts.image.range();
        let target = Range::new(to, image.size());
        let movement = match free_page(facts, reach, image, target) {
            _ if to == loaded => Movement::Stays(Reason::DrawnAgain),
            Some(copier) => Movement::Moves { to, copier },
            None => return stays(Reason::NoPageForCopier),
        };
        Self { loaded, places, movement }
    }

    pub(crate) const fn staying(self, reason: Reason) -> Self {
        Self { movement: Movement::Stays(reason), ..self }
    }

    /// Where the image lies when it lands.
    #[must_use]
    pub const fn base(&self) -> PhysAddr {
        match self.movement {
            Movement::Stays(_) => self.loaded,
            Movement::Moves { to, .. } => to,
        }
    }
}

/// Free memory, with the image's old place: it may lie over that.
pub(crate) fn targets(facts: &Facts, reach: Range) -> impl Iterator<Item = Range> + Clone {
    let size = facts.image.size();
    let free = Stretches::usable(facts, reach.end(), [Range::EMPTY; 3]);
    free.filter(move |free| free.size() >= size)
}

/// Any page of any free stretch that leaves room for the image: each is equally likely.
fn draw(facts: &Facts, reach: Range, draws: &Draws) -> Option<(PhysAddr, Whole)> {
    let places = |free: Range| (free.size() - facts.image.size()) / PAGE_SIZE + 1;
    let count: u64 = targets(facts, reach).map(places).sum();
    if count == 0 {
        return None;
    }
    let count = Whole::new(count);
    let mut index = count.choose(draws.physical);
    for free in targets(facts, reach) {
        if index < places(free) {
            return Some((free.start().add(index * PAGE_SIZE), count));
        }
        index -= places(free);
    }
    None
}

/// A page outside both places.
fn free_page(facts: &Facts, reach: Range, image: Range, target: Range) -> Option<PhysAddr> {
    let mut free = Stretches::usable(facts, reach.end(), [image, target, Range::EMPTY]);
    free.find(|free| free.size() >= PAGE_SIZE).map(Range::start)
}

//! All RAM of the machine by its use once the kernel runs.

use core::fmt;

use landfall_paging::{PhysAddr, PhysRange};

use crate::facts::Facts;
use crate::plan::{Plan, TreePlace};

/// The use of a part of RAM once the kernel runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RamUse {
    /// No owner: the same memory as [`Plan::free_memory`].
    Free,
    /// The kernel's text, constants and data.
    Image,
    /// The page tables of the landing.
    Tables,
    /// The stacks of the harts.
    Stacks,
    /// The device tree, its copy included.
    Tree,
    /// The initial RAM disk.
    Initrd,
    /// Reserved for a crash kernel, so not mapped.
    Crash,
    /// The firmware's own: the tree forbids to map it (`no-map`).
    Firmware,
    /// Reserved by the device tree, and mapped.
    Reserved,
    /// Beyond the reach of the linear map, so not mapped.
    Unreached,
}

impl fmt::Display for RamUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Free => "free",
            Self::Image => "image",
            Self::Tables => "tables",
            Self::Stacks => "stacks",
            Self::Tree => "tree",
            Self::Initrd => "initrd",
            Self::Crash => "crash",
            Self::Firmware => "firmware",
            Self::Reserved => "reserved",
            Self::Unreached => "unreached",
        })
    }
}

/// A part of RAM that has one use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RamPart {
    /// The memory. Its neighbors have other uses, or are not RAM.
    pub range: PhysRange,
    /// The use.
    pub usage: RamUse,
}

/// All RAM by its use, in ascending order: see [`Plan::ram`].
///
/// If two uses claim the same bytes, the one that [`RamUse`] lists first after `Free` counts.
#[derive(Clone, Debug)]
pub struct RamParts<'a> {
    facts: &'a Facts,
    /// The plan's own, the tree, the initrd and the crash memory, in the order in which they count.
    own: [(PhysRange, RamUse); OWN],
    reach_end: PhysAddr,
    at: PhysAddr,
}

const OWN: usize = 8;

impl Plan {
    /// Returns all RAM of the facts by its use once the kernel runs. The parts ascend without
    /// overlaps, and each is as long as it can be. `facts` are those of this plan.
    #[must_use]
    pub fn ram<'a>(&self, facts: &'a Facts) -> RamParts<'a> {
        let copy = match self.tree {
            TreePlace::Kept => PhysRange::EMPTY,
            TreePlace::Copied(at) => PhysRange::between(at, self.block.end()),
        };
        let own = [
            (self.image.phys.read_only(), RamUse::Image),
            (self.image.phys.data(), RamUse::Image),
            (self.tables(), RamUse::Tables),
            (self.stacks.all_memory(), RamUse::Stacks),
            (copy, RamUse::Tree),
            (facts.tree.pages_touched(), RamUse::Tree),
            (facts.initrd.unwrap_or_default().pages_touched(), RamUse::Initrd),
            (facts.crash, RamUse::Crash),
        ];
        RamParts { facts, own, reach_end: self.linear.reach.end(), at: PhysAddr::new(0) }
    }
}

impl RamParts<'_> {
    /// Returns all claims, in the order in which they count.
    fn claims(&self) -> impl Iterator<Item = (PhysRange, RamUse)> + '_ {
        let unreached = PhysRange::between(self.reach_end, PhysAddr::new(u64::MAX));
        let firmware = self.facts.no_map.iter().map(|range| (range, RamUse::Firmware));
        let reserved = self.facts.reserved.iter().map(|range| (range, RamUse::Reserved));
        self.own
            .into_iter()
            .filter(|(range, _)| !range.is_empty())
            .chain(firmware)
            .chain(reserved)
            .chain([(unreached, RamUse::Unreached)])
    }

    /// Returns the use of the byte at `at`, and an address up to which no other claim begins or
    /// ends, `end` at most.
    fn use_at(&self, at: PhysAddr, end: PhysAddr) -> (RamUse, PhysAddr) {
        let (mut usage, mut until) = (RamUse::Free, end);
        for (range, claimed) in self.claims() {
            if range.contains_address(at) {
                (usage, until) = (claimed, until.min(range.end()));
                break;
            }
            if range.start() > at {
                until = until.min(range.start());
            }
        }
        (usage, until)
    }
}

impl Iterator for RamParts<'_> {
    type Item = RamPart;

    fn next(&mut self) -> Option<RamPart> {
        let ram = self.facts.ram.iter().find(|ram| ram.end() > self.at)?;
        let start = ram.start().max(self.at);
        let (usage, mut end) = self.use_at(start, ram.end());
        while end < ram.end() {
            let (next, until) = self.use_at(end, ram.end());
            if next != usage {
                break;
            }
            end = until;
        }
        self.at = end;
        Some(RamPart { range: PhysRange::between(start, end), usage })
    }
}

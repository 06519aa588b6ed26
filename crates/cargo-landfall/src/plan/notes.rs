//! Notes: what a reader should know although it stops nothing. Those of a landing report have the same codes and words here.

use std::fmt;

use landfall::{Facts, Hart, Mmu, PhysAddr, Plan, Policy, Range, Starting};
use landfall_plan::{Movement, Reason, TreePlace};

use super::units::Bytes;

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// RAM that the mode does not reach.
    RamUnreached(Range),
    /// `landfall.mode=` named no mode.
    UnknownMode,
    /// The tree lies where the linear map does not reach.
    TreeCopied,
    /// The initrd lies, in part at least, where the linear map does not reach.
    InitrdUnreached(Range),
    /// Reservations that the kernel is to place itself.
    UnplacedReservations(u32),
    /// Harts beyond the number that can be kept.
    TooManyHarts(u32),
    /// The boot hart's `mmu-type` is missing, so only the probe will speak.
    BootHartUnstated,
    /// The image is moved from here.
    ImageMoved(PhysAddr),
    /// The policy wants the image moved, and it is not.
    ImageStayed(Reason),
    /// Harts that cannot follow.
    HartsMissing(usize),
    /// Nobody said where the image is to lie.
    ImageAssumed(PhysAddr),
    /// Nobody said where the tree is to lie.
    TreeAssumed(PhysAddr),
    /// Nobody said which hart boots.
    BootHartAssumed(u64),
    /// The mode is the best that is promised: nobody has tried it.
    ModeAssumed,
    /// The memory is not the tree's.
    MemorySupplied,
    /// Firmware has no reservation in the tree.
    FirmwareUnreserved(PhysAddr),
    /// The next boot gets another seed.
    FreshSeed,
}

impl Note {
    /// A name that stays.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RamUnreached(_) => "ram-unreached",
            Self::UnknownMode => "unknown-mode",
            Self::TreeCopied => "tree-copied",
            Self::InitrdUnreached(_) => "initrd-unreached",
            Self::UnplacedReservations(_) => "unplaced-reservations",
            Self::TooManyHarts(_) => "too-many-harts",
            Self::BootHartUnstated => "boot-hart-unstated",
            Self::ImageMoved(_) => "image-moved",
            Self::ImageStayed(_) => "image-stayed",
            Self::HartsMissing(_) => "harts-missing",
            Self::ImageAssumed(_) => "image-assumed",
            Self::TreeAssumed(_) => "tree-assumed",
            Self::BootHartAssumed(_) => "boot-hart-assumed",
            Self::ModeAssumed => "mode-assumed",
            Self::MemorySupplied => "memory-supplied",
            Self::FirmwareUnreserved(_) => "firmware-unreserved",
            Self::FreshSeed => "fresh-seed",
        }
    }

    /// What the landing report of this plan would note.
    pub fn of(facts: &Facts, policy: &Policy, plan: &Plan) -> impl Iterator<Item = Self> {
        let unreached = plan.linear.unreached(facts).map(Self::RamUnreached);
        let outside =
            |range: &Range| !plan.linear.mapped(facts).any(|mapped| mapped.contains(range.pages_touched()));
        let absent = absent_harts(facts, policy, plan).into_iter();
        let missing = absent.filter(|(_, why)| *why == Absence::WithoutMode).count();
        let boot_mmu = facts.harts.find(facts.boot_hart).map(|hart| hart.mmu);
        let others = [
            facts.options.unknown_mode.then_some(Self::UnknownMode),
            matches!(plan.tree, TreePlace::Copied(_)).then_some(Self::TreeCopied),
            facts.initrd.filter(outside).map(Self::InitrdUnreached),
            Some(facts.unplaced_reservations).filter(|count| *count != 0).map(Self::UnplacedReservations),
            Some(facts.harts.beyond()).filter(|count| *count != 0).map(Self::TooManyHarts),
            match plan.physical.movement {
                Movement::Moves { .. } => Some(Self::ImageMoved(plan.physical.loaded)),
                Movement::Stays(Reason::NotWanted) => None,
                Movement::Stays(reason) => Some(Self::ImageStayed(reason)),
            },
            (boot_mmu == Some(Mmu::Unstated)).then_some(Self::BootHartUnstated),
            Some(missing).filter(|count| *count != 0).map(Self::HartsMissing),
        ];
        unreached.chain(others.into_iter().flatten())
    }
}

/// Why a hart will not land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// The kernel has no function for other harts.
    NotWanted,
    /// The policy wants no more.
    BeyondLimit,
    /// Its `mmu-type` does not reach the mode.
    WithoutMode,
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotWanted => "not started: the kernel has no function for other harts",
            Self::BeyondLimit => "not started: the kernel's policy wants no more",
            Self::WithoutMode => "left out: its mmu-type does not reach the mode, or is not stated",
        })
    }
}

/// The harts that will not land, in the tree's order.
#[must_use]
pub fn absent_harts(facts: &Facts, policy: &Policy, plan: &Plan) -> Vec<(u64, Absence)> {
    let mut room = plan.stacks.count.saturating_sub(1);
    let others = facts.harts.as_slice().iter().filter(|hart| hart.id != facts.boot_hart);
    let mut absence = |hart: &Hart| {
        if policy.starting_harts() == Starting::BootHart {
            Some(Absence::NotWanted)
        } else if !hart.reaches(plan.mode) {
            Some(Absence::WithoutMode)
        } else if room == 0 {
            Some(Absence::BeyondLimit)
        } else {
            room -= 1;
            None
        }
    };
    others.filter_map(|hart| Some((hart.id, absence(hart)?))).collect()
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RamUnreached(range) => write!(
                f,
                "{} of RAM at {range} are beyond what the linear map of this mode reaches, and are not used",
                Bytes(range.size())
            ),
            Self::UnknownMode => {
                write!(f, "landfall.mode= names no mode (sv39, sv48, sv57); it limited nothing")
            }
            Self::TreeCopied => write!(f, "the device tree lay outside the linear map and was copied"),
            Self::InitrdUnreached(range) => write!(
                f,
                "the initrd at {range} lies at least in part outside the linear map; it was left where it is"
            ),
            Self::UnplacedReservations(count) => write!(
                f,
                "{count} reservations of the device tree leave their place to the kernel; nothing was set aside"
            ),
            Self::TooManyHarts(count) => {
                write!(f, "{count} harts more than can be kept stay with the firmware")
            }
            Self::BootHartUnstated => {
                write!(f, "the device tree does not state the boot hart's mmu-type; the probe alone decided")
            }
            Self::ImageMoved(from) => {
                write!(f, "the image was moved in physical memory; it had been loaded at {from}")
            }
            Self::ImageStayed(reason) => write!(f, "the image stayed where it was loaded: {reason}"),
            Self::HartsMissing(count) => {
                write!(f, "{count} harts did not come; see harts.failed")
            }
            Self::ImageAssumed(at) => {
                write!(f, "the image is assumed to be loaded at {at}; say so with --at")
            }
            Self::TreeAssumed(at) => {
                write!(f, "the device tree is assumed to lie at {at}; say so with --tree-at")
            }
            Self::BootHartAssumed(hart) => {
                write!(
                    f,
                    "hart {hart} is assumed to boot, the first that has an MMU; say so with --boot-hart"
                )
            }
            Self::ModeAssumed => write!(
                f,
                "the mode is the best that the tree promises; a hart that takes less is found out at boot, say so with --mode"
            ),
            Self::MemorySupplied => {
                write!(f, "the memory is what --memory says; what the tree says of it does not count")
            }
            Self::FirmwareUnreserved(at) => write!(
                f,
                "the tree reserves nothing for firmware, which adds its own place when it boots; say so with --no-map, such as --no-map {at}:512K"
            ),
            Self::FreshSeed => write!(
                f,
                "firmware hands out another seed at each boot, so the next layout differs; --seed fixes it, for run and plan alike"
            ),
        }
    }
}

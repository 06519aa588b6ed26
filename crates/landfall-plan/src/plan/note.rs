//! Notes: what a reader should know although it stopped nothing. Each has a stable code. The
//! kernel's report and the tools that predict it share them.

use core::fmt;

use landfall_paging::{Mode, PhysAddr, PhysRange};

use super::{Plan, TreePlace};
use crate::bytes::Bytes;
use crate::facts::{CrashFault, CrashOption, CrashOptionFault, Facts, InitrdFault};
use crate::harts::{MAX_HARTS, Mmu};
use crate::mode::ModeLimit;
use crate::physical::{Movement, StayReason};
use crate::policy::Policy;
use crate::randomness::{KaslrState, Seed};

/// Something to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// RAM that the mode does not reach.
    RamUnreached(PhysRange),
    /// `landfall.mode=` named no mode.
    UnknownMode,
    /// The tree lay where the linear map does not reach.
    TreeCopied,
    /// The initrd lies, in part at least, where the linear map does not reach.
    InitrdUnreached(PhysRange),
    /// The initrd that the tree names cannot be used.
    InitrdIgnored(InitrdFault),
    /// Kexec started the kernel, and handed over no seed.
    KexecWithoutSeed,
    /// The boot hart took a lower mode than its tree promises.
    ModeBelowPromise {
        /// The mode that the tree promises and nothing else forbids.
        promised: Mode,
        /// The mode that it took.
        taken: Mode,
    },
    /// Reservations that the kernel is to place itself.
    UnplacedReservations(u32),
    /// Harts beyond the number that can be kept.
    TooManyHarts(u32),
    /// The boot hart's `mmu-type` is missing, so only the probe spoke.
    BootHartUnstated,
    /// Harts that did not come.
    HartsMissing(usize),
    /// The seed has so many bits, fewer than a kernel's entropy needs.
    SeedShort(u32),
    /// The image was moved before it landed.
    ImageMoved(PhysAddr),
    /// The image was not moved, although the policy would have liked it.
    ImageStayed(StayReason),
    /// A value of `crashkernel=` that changed nothing.
    CrashOptionIgnored(CrashOptionFault),
    /// The crash memory that was asked for is not reserved.
    NoCrashMemory(CrashFault),
}

impl Note {
    /// A name that stays.
    // Each copy of it has a table of addresses, which costs all rebases.
    #[inline(never)]
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RamUnreached(_) => "ram-unreached",
            Self::UnknownMode => "unknown-mode",
            Self::TreeCopied => "tree-copied",
            Self::InitrdUnreached(_) => "initrd-unreached",
            Self::InitrdIgnored(InitrdFault::Reversed { .. }) => "initrd-reversed",
            Self::InitrdIgnored(InitrdFault::NoEnd | InitrdFault::NoStart) => "initrd-incomplete",
            Self::KexecWithoutSeed => "kexec-without-seed",
            Self::ModeBelowPromise { .. } => "mode-below-promise",
            Self::UnplacedReservations(_) => "unplaced-reservations",
            Self::TooManyHarts(_) => "too-many-harts",
            Self::BootHartUnstated => "boot-hart-unstated",
            Self::HartsMissing(_) => "harts-missing",
            Self::SeedShort(_) => "seed-short",
            Self::ImageMoved(_) => "image-moved",
            Self::ImageStayed(_) => "image-stayed",
            Self::CrashOptionIgnored(_) => "crash-option-ignored",
            Self::NoCrashMemory(_) => "no-crash-memory",
        }
    }
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
            Self::InitrdUnreached(range) => {
                write!(
                    f,
                    "the initrd at {range} lies at least in part outside the linear map; it was left where it is"
                )
            }
            Self::InitrdIgnored(InitrdFault::Reversed { start, end }) => write!(
                f,
                "the initrd is not used: it starts at {start} and ends before that, at {end}; correct linux,initrd-start and linux,initrd-end"
            ),
            Self::InitrdIgnored(InitrdFault::NoEnd) => {
                f.write_str("the initrd is not used: linux,initrd-end is missing, or is not a number")
            }
            Self::InitrdIgnored(InitrdFault::NoStart) => {
                f.write_str("the initrd is not used: linux,initrd-start is missing, or is not a number")
            }
            Self::KexecWithoutSeed => f.write_str(
                "kexec started this kernel and its device tree has no seed, so the addresses are not random; load it by kexec_file_load (kexec -s), which adds seeds, or put 32 random bytes into /chosen/rng-seed"
            ),
            Self::ModeBelowPromise { promised, taken } => write!(
                f,
                "the boot hart did not take {promised}, which the device tree promises; the landing uses {taken}"
            ),
            Self::UnplacedReservations(count) => {
                write!(
                    f,
                    "{count} reservations of the device tree leave their place to the kernel; nothing was set aside"
                )
            }
            Self::TooManyHarts(count) => {
                write!(f, "{count} harts beyond the {MAX_HARTS} that can be kept stay with the firmware")
            }
            Self::BootHartUnstated => {
                write!(f, "the device tree does not state the boot hart's mmu-type; the probe alone decided")
            }
            Self::SeedShort(bits) => write!(
                f,
                "the seed has at most {bits} bits; the kernel gets no entropy from fewer than {}",
                Seed::MIN_BITS
            ),
            Self::ImageMoved(from) => {
                write!(f, "the image was moved in physical memory; it had been loaded at {from}")
            }
            Self::ImageStayed(reason) => write!(f, "the image stayed where it was loaded: {reason}"),
            Self::CrashOptionIgnored(fault) => write!(f, "{fault}"),
            Self::NoCrashMemory(fault) => write!(f, "{fault}"),
            Self::HartsMissing(count) => write!(f, "{count} of the harts did not come; see harts.failed"),
        }
    }
}

impl Note {
    /// Returns the notes from facts, policy and plan. Only a landing knows the fate of other harts.
    pub fn of(facts: &Facts, policy: &Policy, plan: &Plan) -> impl Iterator<Item = Self> {
        let unreached = plan.linear.unreached(facts).map(Self::RamUnreached);
        let outside = |range: &PhysRange| {
            !plan.linear.mapped(facts).any(|mapped| mapped.contains(range.pages_touched()))
        };
        let boot_mmu = facts.harts.find(facts.boot_hart).map(|hart| hart.mmu);
        // A hart that promises nothing has broken no promise.
        let limit = ModeLimit::new(facts, policy).ok().filter(|limit| limit.promised);
        let broken = limit.map(|limit| limit.best).filter(|promised| *promised > plan.mode);
        let others = [
            facts.options.unknown_mode.then_some(Self::UnknownMode),
            plan.seed.filter(|seed| seed.is_short()).map(|seed| Self::SeedShort(seed.bits)),
            matches!(plan.tree, TreePlace::Copied(_)).then_some(Self::TreeCopied),
            facts.initrd.filter(outside).map(Self::InitrdUnreached),
            facts.initrd_fault.map(Self::InitrdIgnored),
            (facts.kexec && plan.kaslr == KaslrState::NoSeed).then_some(Self::KexecWithoutSeed),
            broken.map(|promised| Self::ModeBelowPromise { promised, taken: plan.mode }),
            Some(facts.unplaced_reservations).filter(|count| *count != 0).map(Self::UnplacedReservations),
            Some(facts.harts.beyond()).filter(|count| *count != 0).map(Self::TooManyHarts),
            match plan.physical.movement {
                Movement::Moves { .. } => Some(Self::ImageMoved(plan.physical.loaded)),
                Movement::Stays(StayReason::NotWanted) => None,
                Movement::Stays(reason) => Some(Self::ImageStayed(reason)),
            },
            (boot_mmu == Some(Mmu::Unstated)).then_some(Self::BootHartUnstated),
            match facts.options.crash {
                CrashOption::Unsupported(fault) => Some(Self::CrashOptionIgnored(fault)),
                _ => None,
            },
            facts.crash_fault.map(Self::NoCrashMemory),
        ];
        unreached.chain(others.into_iter().flatten())
    }
}

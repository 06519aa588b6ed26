//! The policies with which a kernel lands: a seed draws one.

use landfall_hart::config::Mode;

/// A policy, and what the oracle must know of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// The changes of the image's record, as `--policy` takes them.
    pub(crate) changes: &'static [&'static str],
    /// The image chooses its physical place itself.
    pub(crate) place: Place,
    /// The lowest mode in which the kernel lands.
    pub(crate) lowest: Mode,
    /// The highest mode in which the kernel lands.
    pub(crate) highest: Mode,
}

/// The place of an image in physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The loader's.
    Stays,
    /// The image's own choice. The move needs fences of its own.
    Moves,
}

const DEFAULT: Policy = Policy { changes: &[], place: Place::Stays, lowest: Mode::Sv39, highest: Mode::Sv57 };
const RANDOM: Policy = Policy { changes: &["physical=random"], place: Place::Moves, ..DEFAULT };
const PACK: Policy = Policy { changes: &["physical=pack"], place: Place::Moves, ..DEFAULT };

/// The policies. A seed draws one of them, so half of the landings stay and half move.
pub(crate) const ALL: [Policy; 12] = [
    DEFAULT,
    RANDOM,
    DEFAULT,
    PACK,
    Policy { changes: &["placement=linear-map"], ..DEFAULT },
    Policy { changes: &["physical=random", "alias=absent"], ..RANDOM },
    Policy { changes: &["modes=sv39..sv48"], highest: Mode::Sv48, ..DEFAULT },
    Policy { changes: &["physical=pack", "kaslr=off"], ..PACK },
    Policy { changes: &["modes=sv48..sv57", "addresses=withhold"], lowest: Mode::Sv48, ..DEFAULT },
    Policy { changes: &["physical=random", "near=4M", "dynamic=1G"], ..RANDOM },
    Policy { changes: &["alias=absent", "stack=32K"], ..DEFAULT },
    Policy { changes: &["physical=pack", "placement=linear-map"], ..PACK },
];

/// Returns the number of a seed's policy. The lowest bits of a seed choose other things.
pub(crate) fn of_seed(seed: u64) -> usize {
    usize::try_from((seed >> 2) % ALL.len() as u64).unwrap_or(0)
}

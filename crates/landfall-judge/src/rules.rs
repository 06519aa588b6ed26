//! The rules that every table keeps to which a `satp` ever points.
//!
//! ```
//! use landfall_judge::rules::{Violation, check};
//! use landfall_judge::{Flags, Leaf};
//!
//! // V, R, W, X, G, A and D.
//! let flags = Flags::of(0b1110_1111);
//! let leaf = Leaf { virt: !0 << 38, phys: 0, size: 1 << 30, flags, memory: None, entry: 0 };
//! assert_eq!(check(&[leaf]), [Violation::WritableAndExecutable(leaf)]);
//! ```

use core::fmt;

use crate::entry::Leaf;
use crate::extensions::MemoryType;

/// A leaf, or two, against the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Writable and executable at once.
    WritableAndExecutable(Leaf),
    /// A frame that can be written at one address and executed at another.
    WritableElsewhere {
        /// The leaf that executes.
        executable: Leaf,
        /// The leaf that writes.
        writable: Leaf,
        /// The first physical address that both map.
        phys: u64,
    },
    /// A or D is not set: a hart without Svadu would fault.
    NotPreset(Leaf),
    /// User mode reaches it.
    User(Leaf),
    /// It states another memory type than that of ordinary memory, on a part where leaves state
    /// one.
    NotOrdinaryMemory(Leaf),
    /// It maps the last 4 KiB of the address space, where error-pointer values lie.
    LastPageMapped(Leaf),
    /// It maps an address of the lower half: what is left of an identity map.
    LowerHalf(Leaf),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WritableAndExecutable(leaf) => write!(f, "writable and executable: {leaf}"),
            Self::WritableElsewhere { executable, writable, phys } => {
                write!(f, "{phys:#x} is executable ({executable}) and writable ({writable})")
            }
            Self::NotPreset(leaf) => write!(f, "A or D is not preset: {leaf}"),
            Self::User(leaf) => write!(f, "user mode reaches it: {leaf}"),
            Self::NotOrdinaryMemory(leaf) => write!(f, "not of the type of ordinary memory: {leaf}"),
            Self::LastPageMapped(leaf) => write!(f, "the last page is mapped: {leaf}"),
            Self::LowerHalf(leaf) => write!(f, "the lower half is mapped: {leaf}"),
        }
    }
}

/// Returns all violations by `leaves`, in any order. Each leaf that executes memory that another
/// may write is reported once.
#[must_use]
pub fn check(leaves: &[Leaf]) -> Vec<Violation> {
    let single = leaves.iter().flat_map(|&leaf| {
        let Leaf { virt, size, flags, memory, .. } = leaf;
        let is_ordinary = memory.is_none_or(|memory| memory == MemoryType::ORDINARY);
        [
            (flags.w() && flags.x()).then_some(Violation::WritableAndExecutable(leaf)),
            (!flags.a() || !flags.d()).then_some(Violation::NotPreset(leaf)),
            flags.u().then_some(Violation::User(leaf)),
            (!is_ordinary).then_some(Violation::NotOrdinaryMemory(leaf)),
            (virt.wrapping_add(size) == 0).then_some(Violation::LastPageMapped(leaf)),
            (virt >> 63 == 0).then_some(Violation::LowerHalf(leaf)),
        ]
    });
    single.flatten().chain(writable_elsewhere(leaves)).collect()
}

/// Physical addresses from `start` up to `end` that `leaf` can write, and no stretch before it.
struct Writable {
    start: u64,
    end: u64,
    leaf: Leaf,
}

/// Sorts what is writable once, and looks up what is executable: thousands of leaves of any size
/// take no time.
fn writable_elsewhere(leaves: &[Leaf]) -> Vec<Violation> {
    let writable = writable_stretches(leaves);
    let executable = leaves.iter().filter(|leaf| leaf.flags.x() && !leaf.flags.w());
    let violation = |&executable: &Leaf| {
        let first = writable.partition_point(|stretch| stretch.end <= executable.phys);
        let stretch = writable.get(first)?;
        let phys = stretch.start.max(executable.phys);
        (phys < end(executable)).then_some(Violation::WritableElsewhere {
            executable,
            writable: stretch.leaf,
            phys,
        })
    };
    executable.filter_map(violation).collect()
}

/// Returns the writable memory, as ascending ranges that do not overlap.
fn writable_stretches(leaves: &[Leaf]) -> Vec<Writable> {
    let mut writable: Vec<Leaf> = leaves.iter().copied().filter(|leaf| leaf.flags.w()).collect();
    writable.sort_unstable_by_key(|leaf| leaf.phys);
    let mut stretches: Vec<Writable> = Vec::with_capacity(writable.len());
    for leaf in writable {
        let start = stretches.last().map_or(leaf.phys, |last| last.end.max(leaf.phys));
        if start < end(leaf) {
            stretches.push(Writable { start, end: end(leaf), leaf });
        }
    }
    stretches
}

fn end(leaf: Leaf) -> u64 {
    leaf.phys.saturating_add(leaf.size)
}

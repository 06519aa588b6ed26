//! Means that order two accesses of a hart, or fail to.

use crate::inst::{Accesses, Fence};

use super::{Access, Choice};

/// A means to order two accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edge {
    /// Program order alone.
    Po,
    /// `fence rw,rw`.
    Full,
    /// `fence r,rw`.
    ReadAll,
    /// `fence rw,w`.
    AllWrite,
    /// `fence w,w`.
    WriteWrite,
    /// `fence r,r`.
    ReadRead,
    /// `fence w,r`.
    WriteRead,
    /// `fence r,w`.
    ReadWrite,
    /// `fence.tso`.
    Tso,
    /// `fence.i`, which orders no data.
    Instruction,
    /// The second access's address depends on the first's value.
    Address,
    /// The second access's value depends on the first's.
    Data,
    /// A branch between them depends on the first's value.
    Control,
    /// The same, and `fence.i`.
    ControlInstruction,
    /// The first access is an acquire.
    Acquire,
    /// The second access is a release.
    Release,
    /// Both accesses are AMOs.
    Amo,
    /// Both accesses are AMOs, the first with `rl`, the second with `aq`.
    ReleaseAcquire,
    /// Both accesses are AMOs with `aq` and `rl`.
    AmoBoth,
    /// Both accesses are pairs of LR and SC.
    Pair,
}

impl Edge {
    /// All edges.
    const ALL: [Self; 20] = [
        Self::Po,
        Self::Full,
        Self::ReadAll,
        Self::AllWrite,
        Self::WriteWrite,
        Self::ReadRead,
        Self::WriteRead,
        Self::ReadWrite,
        Self::Tso,
        Self::Instruction,
        Self::Address,
        Self::Data,
        Self::Control,
        Self::ControlInstruction,
        Self::Acquire,
        Self::Release,
        Self::Amo,
        Self::ReleaseAcquire,
        Self::AmoBoth,
        Self::Pair,
    ];

    /// Edges for shapes of three harts and more.
    const FEW: [Self; 8] = [
        Self::Po,
        Self::Full,
        Self::Tso,
        Self::Address,
        Self::Data,
        Self::Control,
        Self::Acquire,
        Self::Release,
    ];

    /// Returns the edges that can stand between two accesses.
    pub(super) fn between(first: Access, second: Access, choice: Choice) -> Vec<Self> {
        let all: &[Self] = match choice {
            Choice::Full => &Self::ALL,
            Choice::Few => &Self::FEW,
        };
        let reads = |access| matches!(access, Access::R(_));
        let applies = |edge: &Self| match edge {
            Self::Address | Self::Control | Self::ControlInstruction => reads(first),
            Self::Data => reads(first) && !reads(second),
            _ => true,
        };
        all.iter().copied().filter(applies).collect()
    }

    /// Returns the fence of the edge.
    pub(super) const fn fence(self) -> Option<Fence> {
        Some(match self {
            Self::Full => Fence::Normal(Accesses::RW, Accesses::RW),
            Self::ReadAll => Fence::Normal(Accesses::R, Accesses::RW),
            Self::AllWrite => Fence::Normal(Accesses::RW, Accesses::W),
            Self::WriteWrite => Fence::Normal(Accesses::W, Accesses::W),
            Self::ReadRead => Fence::Normal(Accesses::R, Accesses::R),
            Self::WriteRead => Fence::Normal(Accesses::W, Accesses::R),
            Self::ReadWrite => Fence::Normal(Accesses::R, Accesses::W),
            Self::Tso => Fence::Tso,
            Self::Instruction | Self::ControlInstruction => Fence::Instruction,
            _ => return None,
        })
    }

    /// Returns the edge's name in a test's name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Po => "po",
            Self::Full => "fence.rw.rw",
            Self::ReadAll => "fence.r.rw",
            Self::AllWrite => "fence.rw.w",
            Self::WriteWrite => "fence.w.w",
            Self::ReadRead => "fence.r.r",
            Self::WriteRead => "fence.w.r",
            Self::ReadWrite => "fence.r.w",
            Self::Tso => "fence.tso",
            Self::Instruction => "fence.i",
            Self::Address => "addr",
            Self::Data => "data",
            Self::Control => "ctrl",
            Self::ControlInstruction => "ctrlfencei",
            Self::Acquire => "aq",
            Self::Release => "rl",
            Self::Amo => "amo",
            Self::ReleaseAcquire => "amorlaq",
            Self::AmoBoth => "amoaqrl",
            Self::Pair => "lrsc",
        }
    }
}

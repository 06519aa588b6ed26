//! Damage that the judge must report by its kind. A judge that cannot object proves nothing.

mod damage;

use landfall_paging::{Mode as PagingMode, VirtAddr, VirtRange};
use landfall_plan::Policy;
use landfall_plan::policy::{Alias, Modes, PhysicalPlacement};

use super::moving::Tamper;

/// The damage that the debugger does to the machine's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutation {
    /// A leaf of the kernel's text becomes writable.
    WritableText,
    /// A leaf of the kernel's data becomes executable.
    ExecutableData,
    /// The alias of the kernel's text in the linear map becomes writable.
    WritableAlias,
    /// A leaf loses its A bit.
    NotAccessed,
    /// A leaf loses its D bit.
    NotDirty,
    /// A leaf is accessible in user mode.
    User,
    /// The root gets an identity leaf.
    Identity,
    /// A leaf of the linear map is no longer valid.
    Hole,
    /// A leaf of the linear map leads to other memory.
    Elsewhere,
    /// The guard page below a stack is mapped.
    Guard,
    /// A leaf is no longer global.
    NotGlobal,
    /// Two stacks have each other's memory.
    StacksSwapped,
    /// The linear map has a page where it should have no alias.
    AliasMapped,
    /// The linear map lacks the page beside that.
    AliasNeighbour,
    /// One of 16 entries that map 64 KiB together loses its N bit.
    BrokenGroup,
    /// 16 entries that could map 64 KiB together map 4 KiB each.
    SplitGroup,
    /// A leaf is mapped in a window that must stay free.
    WindowMapped,
    /// A slot holds a wrong address.
    Slot,
    /// A word of data holds a physical address of the image.
    StrayPointer,
    /// A word of data holds a physical address of the image's old place.
    OldPointer,
    /// An instruction is not that of the file.
    Text,
    /// A seed stands in the tree again.
    SeedLeft,
    /// The old place holds the kernel's address.
    AddressLeft,
    /// The old place holds the kernel's entropy.
    EntropyLeft,
    /// The landing's stack holds a draw.
    DrawOnStack,
    /// A byte of the tree has changed.
    TreeByte,
    /// A byte of the initrd has changed.
    InitrdByte,
    /// A byte of the initrd has changed during the copy.
    InitrdByteInMove,
    /// A byte of the copy has changed.
    CopyByte,
}

/// When the damage is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// While the image is moved.
    Move(Tamper),
    /// To the tables, before the leap.
    Leap,
    /// To other memory, before `main`.
    Main,
}

impl Mutation {
    pub(super) const ALL: [Self; 29] = [
        Self::WritableText,
        Self::ExecutableData,
        Self::WritableAlias,
        Self::NotAccessed,
        Self::NotDirty,
        Self::User,
        Self::Identity,
        Self::Hole,
        Self::Elsewhere,
        Self::Guard,
        Self::NotGlobal,
        Self::StacksSwapped,
        Self::AliasMapped,
        Self::AliasNeighbour,
        Self::BrokenGroup,
        Self::SplitGroup,
        Self::WindowMapped,
        Self::Slot,
        Self::StrayPointer,
        Self::OldPointer,
        Self::Text,
        Self::SeedLeft,
        Self::AddressLeft,
        Self::EntropyLeft,
        Self::DrawOnStack,
        Self::TreeByte,
        Self::InitrdByte,
        Self::InitrdByteInMove,
        Self::CopyByte,
    ];

    pub(super) const fn moment(self) -> Moment {
        match self {
            Self::InitrdByteInMove => Moment::Move(Tamper::Bystander),
            Self::CopyByte => Moment::Move(Tamper::Copy),
            Self::Slot
            | Self::StrayPointer
            | Self::OldPointer
            | Self::Text
            | Self::SeedLeft
            | Self::AddressLeft
            | Self::EntropyLeft
            | Self::DrawOnStack
            | Self::TreeByte
            | Self::InitrdByte => Moment::Main,
            _ => Moment::Leap,
        }
    }

    /// Returns words of the objection: the objection of another judge does not count.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::WritableText | Self::ExecutableData => "writable and executable",
            Self::WritableAlias => "is executable",
            Self::NotAccessed | Self::NotDirty => "not preset",
            Self::User => "user mode",
            Self::Identity => "lower half",
            Self::Hole | Self::Elsewhere | Self::AliasNeighbour | Self::SplitGroup => {
                "this leaf should be there"
            }
            Self::Guard | Self::AliasMapped => "this leaf should not be there",
            Self::NotGlobal | Self::StacksSwapped => "in the plan",
            Self::BrokenGroup => "BrokenGroup",
            Self::WindowMapped => "in a window",
            Self::Slot => "the slot at",
            Self::StrayPointer | Self::OldPointer => "physical image address",
            Self::Text => "text or constants differ",
            Self::SeedLeft => "a seed is still",
            Self::AddressLeft | Self::EntropyLeft => "the move has left",
            Self::DrawOnStack => "on its stack",
            Self::TreeByte => "the device tree: the byte",
            Self::InitrdByte => "the initrd: the byte",
            Self::InitrdByteInMove => "has changed in the move",
            Self::CopyByte => "the copy differs",
        }
    }

    /// Returns the policy that this damage requires; the kernel's own if `None`.
    pub(super) const fn policy(self) -> Option<Policy> {
        let policy = Policy::new();
        match self {
            Self::AliasMapped | Self::AliasNeighbour => Some(policy.with_alias(Alias::Absent)),
            Self::WindowMapped => {
                let start = VirtAddr::new(0xffff_ffc0_0000_0000);
                Some(policy.with_window(Modes::Only(PagingMode::Sv39), VirtRange::new(start, 2 << 30)))
            }
            Self::StacksSwapped => Some(policy.with_stack_size(8 << 10)),
            Self::OldPointer
            | Self::AddressLeft
            | Self::EntropyLeft
            | Self::InitrdByteInMove
            | Self::CopyByte => Some(policy.with_physical_placement(PhysicalPlacement::Random)),
            _ => None,
        }
    }

    /// Returns QEMU's property for harts with or without leaves of 64 KiB.
    pub(super) const fn svnapot(self) -> Option<&'static str> {
        match self {
            Self::BrokenGroup | Self::SplitGroup => Some("svnapot=on"),
            _ => None,
        }
    }
}

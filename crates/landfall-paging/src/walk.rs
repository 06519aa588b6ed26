//! A walk through tables, as a hart does it (privileged specification, "Virtual Address Translation Process").

use crate::addr::{PAGE_SIZE, PhysAddr, VirtAddr};
use crate::entry::{Access, LeafFormat};
use crate::leaf::LeafSize;
use crate::memory::TableReader;
use crate::mode::Mode;

/// What becomes of a virtual address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Translation {
    /// A leaf maps it.
    Mapped {
        /// Where to.
        physical: PhysAddr,
        /// With what permission.
        access: Access,
        /// By a leaf of this size.
        leaf: LeafSize,
    },
    /// No valid entry at this level, or the address is not canonical.
    Unmapped,
    /// An entry that this crate never writes: permissions that make no sense, a superpage that is not aligned, a pointer at the last level.
    Malformed,
}

/// Translates `address` through the tables at `root`, whose leaves are of `format`.
pub fn translate(
    memory: &impl TableReader,
    mode: Mode,
    format: LeafFormat,
    root: PhysAddr,
    address: VirtAddr,
) -> Translation {
    if !mode.is_canonical(address) {
        return Translation::Unmapped;
    }
    let mut table = root;
    for leaf in LeafSize::BY_LEVEL.into_iter().take(mode.levels()).rev() {
        let index = address.get() / leaf.bytes() % 512;
        let entry = memory.read(table.add(index * 8));
        if !entry.is_valid() {
            return Translation::Unmapped;
        }
        let target = entry.target();
        if !entry.is_leaf() {
            table = target;
            continue;
        }
        let (leaf, target) = match leaf {
            LeafSize::K4 if format == LeafFormat::Napot && entry.is_napot() => {
                (LeafSize::K64, target.align_down(LeafSize::K64.bytes()))
            }
            _ => (leaf, target),
        };
        let offset = address.get() & (leaf.bytes() - 1);
        return match entry.access() {
            Some(access) if target.is_aligned(leaf.bytes()) => {
                Translation::Mapped { physical: target.add(offset), access, leaf }
            }
            _ => Translation::Malformed,
        };
    }
    Translation::Malformed
}

const _: () = assert!(LeafSize::K4.bytes() == PAGE_SIZE);

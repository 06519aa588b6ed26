//! A walk through tables, as a hart does it (privileged specification, "Virtual Address Translation
//! Process").

use crate::addr::{PAGE_SIZE, PhysAddr, VirtAddr};
use crate::entry::{Access, Entry, LeafFormat};
use crate::leaf::LeafSize;
use crate::memory::TableReader;
use crate::mode::Mode;

/// The translation of a virtual address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Translation {
    /// A leaf maps it.
    Mapped {
        /// The physical address.
        physical: PhysAddr,
        /// With what permission.
        access: Access,
        /// By a leaf of this size.
        leaf: LeafSize,
    },
    /// No valid entry at this level, or the address is not canonical.
    Unmapped,
    /// An entry that this crate never writes. Its permissions are reserved, it is a misaligned
    /// superpage or a pointer at the last level, or it has another memory type or reserved bits.
    Malformed,
}

/// Translates `address` through the tables at `root`, whose leaves are of `format`.
///
/// One entry a level is read, as by a hart that has cached none. That the 16 entries of a 64 KiB
/// leaf are equal is not looked at.
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
    for by_level in LeafSize::BY_LEVEL.into_iter().take(mode.levels()).rev() {
        let index = address.get() / by_level.bytes() % 512;
        let entry = memory.read(table.wrapping_add(index * 8));
        if !entry.is_valid() {
            return Translation::Unmapped;
        }
        if entry.is_leaf() {
            return leaf(entry, format, by_level, address);
        }
        if !entry.is_sound_pointer() {
            return Translation::Malformed;
        }
        table = entry.target();
    }
    Translation::Malformed
}

/// Returns the entry that decides about `address`, and the size of what it serves. It is the first
/// on the way down that is no pointer, or one of the last level.
///
/// It reads one entry a level, and nothing else. So it may run while another hart changes the
/// tables, if no table of them is given back meanwhile.
pub fn deciding_entry(
    memory: &impl TableReader,
    mode: Mode,
    root: PhysAddr,
    address: VirtAddr,
) -> (Entry, LeafSize) {
    let mut table = root;
    let mut found = (Entry::INVALID, LeafSize::K4);
    for size in LeafSize::BY_LEVEL.into_iter().take(mode.levels()).rev() {
        let entry = memory.read(table.wrapping_add(address.get() / size.bytes() % 512 * 8));
        found = (entry, size);
        if !entry.is_valid() || entry.is_leaf() {
            break;
        }
        table = entry.target();
    }
    found
}

/// Returns the translation of `address` at a leaf, in a table whose entries map `by_level` each.
fn leaf(entry: Entry, format: LeafFormat, by_level: LeafSize, address: VirtAddr) -> Translation {
    let (Some(access), Some(leaf)) = (entry.access(), entry.leaf_size(format, by_level)) else {
        return Translation::Malformed;
    };
    let target = match leaf {
        // The low bits of the page number say the size; the hart takes those of the virtual page in
        // their place.
        LeafSize::K64 => entry.target().align_down(leaf.bytes()),
        _ => entry.target(),
    };
    if !target.is_aligned(leaf.bytes()) {
        return Translation::Malformed;
    }
    Translation::Mapped { physical: target.wrapping_add(address.get() & (leaf.bytes() - 1)), access, leaf }
}

const _: () = assert!(LeafSize::K4.bytes() == PAGE_SIZE);

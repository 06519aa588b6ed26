//! The way to one address: the entry that a hart reads at each level.

use crate::address::{Phys, Virt};
use crate::attributes::Attributes;
use crate::entry::{Defect, Meaning};
use crate::format::Format;
use crate::leaf::LeafSize;
use crate::memory::{BLANK, Memory, Page};
use crate::root::Root;

use super::tables::{ENTRIES, GROUP, entry, entry_size};
use super::{EntryPlace, FaultKind, Leaf};

/// The way from a root to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The entries, from the root's on. The last one decides.
    pub entries: Vec<EntryPlace>,
    /// The result.
    pub end: PathEnd,
}

/// The end of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathEnd {
    /// A leaf maps the address.
    Mapped(Leaf),
    /// The last entry has no V.
    Invalid,
    /// A hart raises a page fault, or the source lacks a table.
    Fault(FaultKind),
    /// The upper bits are no copies of the highest translated one.
    NotCanonical,
}

/// Follows the entries that lead to an address. Each table on the way is read once.
///
/// Of 16 entries that should map 64 KiB together and differ, each counts for its own page, as in
/// an audit.
pub fn path(memory: &mut impl Memory, root: Root, format: Format, virt: Virt) -> Path {
    let mut entries = Vec::with_capacity(5);
    let end = if root.mode.canonical(virt.0) == virt.0 {
        follow(memory, root, format, virt, &mut entries)
    } else {
        PathEnd::NotCanonical
    };
    Path { entries, end }
}

fn follow(
    memory: &mut impl Memory,
    root: Root,
    format: Format,
    virt: Virt,
    entries: &mut Vec<EntryPlace>,
) -> PathEnd {
    let mut table = root.table;
    let mut page = BLANK;
    for level in (0..root.mode.levels()).rev() {
        if let Err(missing) = memory.read(table, &mut page) {
            return PathEnd::Fault(FaultKind::Missing(missing));
        }
        let index = virt.0 / entry_size(level) % ENTRIES as u64;
        let own = entry(&page, usize::try_from(index).unwrap_or(0));
        let index = u16::try_from(index).unwrap_or(0);
        entries.push(EntryPlace { table, level, index, bits: own.0 });
        let leaf = |phys: Phys, size: LeafSize| {
            let virt = Virt(virt.0 / size.bytes() * size.bytes());
            let attributes = Attributes::new(own.flags(), own.memory_type(format));
            PathEnd::Mapped(Leaf { virt, phys, size, attributes })
        };
        return match own.meaning(level, format) {
            Meaning::Pointer(next) => {
                table = next;
                continue;
            }
            Meaning::Invalid => PathEnd::Invalid,
            Meaning::Leaf => leaf(own.target(), LeafSize::of_level(level)),
            Meaning::Napot if is_whole(&page, index) => leaf(own.napot_target(0), LeafSize::K64),
            Meaning::Napot => leaf(own.napot_target(index.into()), LeafSize::K4),
            Meaning::Faulty(defect) => PathEnd::Fault(match defect {
                Defect::Reserved => FaultKind::Reserved,
                Defect::WriteOnly => FaultKind::WriteOnly,
                Defect::Deep => FaultKind::Deep,
                Defect::Misaligned => FaultKind::Misaligned,
                Defect::Napot => FaultKind::NapotReserved,
            }),
        };
    }
    // Not reached: a pointer in a table of the last level is a fault.
    PathEnd::Fault(FaultKind::Deep)
}

/// Returns true if all 16 entries that map 64 KiB together are the same.
fn is_whole(page: &Page, index: u16) -> bool {
    let first = usize::from(index) / GROUP * GROUP;
    (first..first + GROUP).all(|other| entry(page, other) == entry(page, first))
}

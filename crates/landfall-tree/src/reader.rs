//! A tree that is being read.

use landfall_plan::{Facts, Refusal};

use super::blocks::offset_in;
use super::seeds::Seeds;

/// Findings besides the facts: secrets, which are kept apart from them.
#[derive(Clone, Debug, Default)]
pub struct TreeContents {
    /// The places of the seeds.
    pub seeds: Seeds,
    /// The tree lists the hart that boots among the enabled harts.
    pub lists_boot_hart: bool,
    /// Another kernel handed the tree on. It has the address of EFI's memory map alone, and its own
    /// memory does not count.
    pub lacks_memory_map: bool,
}

/// Findings in `/chosen` whose meaning depends on what follows in the tree.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chosen<'a> {
    /// `linux,usable-memory-range`: all memory that a kernel may use that runs beside the memory of
    /// a crashed one. It counts in the root's cells.
    pub(super) usable: &'a [u8],
    /// `linux,elfcorehdr`: the description of the crashed kernel. It counts in the root's cells.
    pub(super) core_header: &'a [u8],
    /// Another kernel handed the tree on, with the address of EFI's memory map.
    pub(super) handed_on: bool,
    /// A loader of landfall's has put EFI's memory map into the first node of this very name.
    pub(super) memory_map: Option<bool>,
}

pub(super) type Read<T = ()> = Result<T, Refusal>;

/// A tree that is being read. Its findings count once the walk has come to the end.
pub(super) struct Reader<'a, 'f> {
    tree: &'a [u8],
    pub(super) facts: &'f mut Facts,
    pub(super) found: TreeContents,
    pub(super) chosen: Chosen<'a>,
    refusal: Option<Refusal>,
}

impl<'a, 'f> Reader<'a, 'f> {
    pub(super) fn new(tree: &'a [u8], facts: &'f mut Facts) -> Self {
        let (found, chosen) = (TreeContents::default(), Chosen::default());
        Self { tree, facts, found, chosen, refusal: None }
    }

    /// Keeps the first refusal for a value. The walk goes on: damage behind that value comes first.
    pub(super) fn check(&mut self, values: Read) {
        if let Err(refusal) = values {
            self.refusal.get_or_insert(refusal);
        }
    }

    /// Returns the findings, after the walk.
    pub(super) fn finish(mut self) -> Read<TreeContents> {
        let Chosen { handed_on, memory_map, .. } = self.chosen;
        self.found.lacks_memory_map = handed_on && memory_map != Some(true);
        self.refusal.map_or(Ok(self.found), Err)
    }

    /// Returns the offset in the tree of `value`, which belongs to it.
    pub(super) fn offset_of(&self, value: &[u8]) -> usize {
        offset_in(self.tree, value)
    }
}

//! Damages memory and tables by the debugger.

use landfall_judge::Leaf;

use super::Mutation;
use crate::image::Image;
use crate::judge::Landed;
use crate::session::Session;

const V: u64 = 1;
const W: u64 = 1 << 2;
const X: u64 = 1 << 3;
const U: u64 = 1 << 4;
const G: u64 = 1 << 5;
const A: u64 = 1 << 6;
const D: u64 = 1 << 7;
const N: u64 = 1 << 63;
/// The bit of a page number that marks a leaf of 64 KiB.
const NAPOT_SIZE: u64 = 0b1000 << 10;
/// A leaf, RW-, at physical address 0.
const LEAF: u64 = 0xe7;
const PAGE: u64 = 4096;

/// A landing with its leaves.
struct Target<'a> {
    session: &'a mut Session,
    image: &'a Image,
    landed: &'a Landed,
}

impl Mutation {
    /// Does the damage.
    pub(crate) fn apply(self, session: &mut Session, image: &Image, landed: &Landed) -> Result<(), String> {
        let mut target = Target { session, image, landed };
        let border = landed.expected.border;
        let text = |leaf: &Leaf| leaf.flags.x();
        let data = |leaf: &Leaf| leaf.virt >= border && leaf.flags.w();
        let alias = |leaf: &Leaf| leaf.virt < border && !leaf.flags.w();
        let linear = |leaf: &Leaf| leaf.virt < border && leaf.flags.w();
        match self {
            Self::WritableText => target.turn(text, W),
            Self::ExecutableData => target.turn(data, X),
            Self::WritableAlias => target.turn(alias, W),
            Self::NotAccessed => target.turn(linear, A),
            Self::NotDirty => target.turn(text, D),
            Self::User => target.turn(data, U),
            Self::Hole => target.turn(linear, V),
            Self::Elsewhere => target.turn(linear, 1 << 20),
            Self::NotGlobal => target.turn(linear, G),
            Self::Identity => target.put(landed.tables.root.table, LEAF),
            Self::Guard => target.map_guard(),
            Self::StacksSwapped => target.swap_stacks(),
            Self::AliasMapped => {
                // The page before the hole, and its entry for one page further.
                let base = landed.base;
                let before = target.leaf(|leaf| leaf.phys + leaf.size == base && leaf.size == PAGE)?;
                let entry = target.word(before.entry)?;
                target.put(before.entry + 8, (entry & !W) + (1 << 10))
            }
            Self::AliasNeighbour => {
                let end = landed.base + image.read_only();
                target.turn(|leaf| leaf.phys == end && leaf.virt < border, V)
            }
            Self::BrokenGroup => {
                let group = target.leaf(|leaf| leaf.size == 16 * PAGE)?;
                let entry = target.word(group.entry)?;
                target.put(group.entry + 5 * 8, entry ^ N)
            }
            Self::SplitGroup => {
                let group = target.leaf(|leaf| leaf.size == 16 * PAGE)?;
                let entry = target.word(group.entry)? & !(N | NAPOT_SIZE);
                (0..16).try_for_each(|page| target.put(group.entry + page * 8, entry + (page << 10)))
            }
            Self::WindowMapped => target.map_window(),
            _ => self.apply_to_memory(&mut target),
        }
    }

    /// Damages memory outside tables.
    fn apply_to_memory(self, target: &mut Target<'_>) -> Result<(), String> {
        let Target { image, landed, .. } = *target;
        let base = landed.base;
        let tree = &landed.tree;
        match self {
            Self::Slot => {
                let slot = base + image.slots.last().copied().ok_or("the kernel has no slot")?;
                let old = target.word(slot)?;
                target.put(slot, old.wrapping_add(8))
            }
            Self::StrayPointer => target.put(base + image.size - 8, base + 0x40),
            Self::OldPointer => target.put(base + image.size - 8, landed.entry.base + 0x40),
            Self::Text => target.flip(base + image.symbol("landfall_landed_boot_hart")?.offset),
            Self::SeedLeft => {
                let seed = tree.seeds.first().ok_or("the tree had no seed")?;
                target.session.write(landed.entry.tree_at + tree.size - seed.len() as u64, seed)
            }
            Self::AddressLeft => target.put_into_old_place(landed.expected.kernel + 0x1230),
            Self::EntropyLeft => {
                let entropy = landed.moved.as_ref().and_then(|moved| moved.entropy.first().copied());
                target.put_into_old_place(entropy.ok_or("there was no entropy")?)
            }
            Self::DrawOnStack => {
                let draw = landed.prediction.secrets().first().copied().ok_or("nothing was drawn")?;
                target.put(base + image.symbol("landfall_early_stack_top")?.offset - 0x1000, draw)
            }
            Self::TreeByte => target.flip(landed.entry.tree_at + tree.size - 1),
            Self::InitrdByte => {
                let initrd = tree.reserved.last().ok_or("there is no initrd")?;
                target.flip(initrd.start + 100)
            }
            other => Err(format!("{other:?} is not damage of memory")),
        }
    }
}

impl Target<'_> {
    fn leaf(&self, is: impl Fn(&Leaf) -> bool) -> Result<Leaf, String> {
        let mut leaves = self.landed.tables.walk.leaves.iter();
        leaves.find(|leaf| is(leaf)).copied().ok_or_else(|| "there is no such leaf".to_owned())
    }

    /// Flips bits of the first leaf that `is` accepts.
    fn turn(&mut self, is: impl Fn(&Leaf) -> bool, bits: u64) -> Result<(), String> {
        let entry = self.leaf(is)?.entry;
        let old = self.word(entry)?;
        self.put(entry, old ^ bits)
    }

    fn word(&mut self, at: u64) -> Result<u64, String> {
        let bytes = self.session.read(at, 8)?;
        bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)).ok_or_else(|| "half a word".to_owned())
    }

    fn put(&mut self, at: u64, word: u64) -> Result<(), String> {
        self.session.write(at, &word.to_le_bytes())
    }

    /// Flips a bit.
    fn flip(&mut self, at: u64) -> Result<(), String> {
        let old = self.session.read(at, 1)?;
        self.session.write(at, &[old.first().copied().unwrap_or_default() ^ 4])
    }

    /// Maps the guard page below the first stack. The test requires its entry to be in the same
    /// table as the entry of the stack's lowest page.
    fn map_guard(&mut self) -> Result<(), String> {
        let top = self.landed.expected.stacks.first().copied().unwrap_or_default();
        let bottom = top - self.landed.policy.stack_size;
        let lowest = self.leaf(|leaf| leaf.virt == bottom)?;
        if lowest.entry % PAGE == 0 {
            return Err("the guard page's entry is in another table; take another seed".to_owned());
        }
        let entry = self.word(lowest.entry)?;
        self.put(lowest.entry - 8, entry)
    }

    /// Swaps the memory of the first two stacks, of two pages each.
    fn swap_stacks(&mut self) -> Result<(), String> {
        let stacks = self.landed.expected.stacks.clone();
        let [first, second, ..] = stacks.as_slice() else { return Err("there is one stack".to_owned()) };
        for page in [1, 2] {
            let entries = [*first, *second].map(|top| top - page * PAGE);
            let [first, second] = entries.map(|virt| self.leaf(|leaf| leaf.virt == virt));
            let (first, second) = (first?.entry, second?.entry);
            let (one, other) = (self.word(first)?, self.word(second)?);
            self.put(first, other)?;
            self.put(second, one)?;
        }
        Ok(())
    }

    /// Maps a leaf in the root table at the window's start.
    fn map_window(&mut self) -> Result<(), String> {
        let root = self.landed.tables.root;
        let window = self.landed.policy.windows.first().ok_or("there is no window in this mode")?;
        let index = window.start >> (root.virtual_bits() - 9) & 511;
        self.put(root.table + index * 8, LEAF)
    }

    /// Writes a word to the free part of the image's old place.
    fn put_into_old_place(&mut self, word: u64) -> Result<(), String> {
        let moved = self.landed.moved.as_ref().ok_or("the image was not moved")?;
        let left = moved.left(&self.landed.taken());
        let place = left.last().ok_or("nothing of the old place is left")?;
        self.put(place.end - 16, word)
    }
}

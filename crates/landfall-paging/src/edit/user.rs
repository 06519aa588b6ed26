//! The lower half of an address space: its tables may become empty, and all of it ends.

use super::position::{ENTRIES, Position, bytes, index};
use super::withdraw::Runs;
use super::{Editor, Frames, Half, Levels};
use crate::addr::{PhysAddr, VirtAddr};
use crate::entry::{Entry, LeafFormat};
use crate::memory::{TableMemory, TableReader};
use crate::range::{PhysRange, VirtRange};

#[expect(unsafe_code, reason = "the tables may be those of the hart that runs this")]
impl<L: Levels, M: TableReader + TableMemory, F: Frames> Editor<L, M, F> {
    /// Returns an editor of a user address space: it changes the lower half of the tables at
    /// `root`, and nothing else.
    ///
    /// # Safety
    /// - `root` is the root of tables in `memory`, in the mode of `levels`, with leaves of
    ///   `format`, and as strict as this crate's own.
    /// - No other editor, and nothing else, writes to the tables of the lower half while this
    ///   editor lives.
    /// - No other root shares one of them.
    pub const unsafe fn of_user(levels: L, format: LeafFormat, memory: M, frames: F, root: PhysAddr) -> Self {
        Self { levels, format, memory, frames, root, owned: [VirtRange::EMPTY; 2], half: Half::User }
    }

    /// Withdraws the tables that serve addresses of `stretch` and are empty. Returns true if there
    /// was one; then [`Fence::All`](super::Fence::All) must be executed.
    pub fn withdraw_tables(&mut self, stretch: VirtRange) -> bool {
        let top = self.levels.mode().levels() - 1;
        let mut withdrawn = false;
        if !stretch.is_empty() {
            self.withdraw_below(self.root, top, stretch, &mut withdrawn);
        }
        withdrawn
    }

    /// Gives the tables back that [`Editor::withdraw_tables`] withdrew for the same stretch.
    ///
    /// # Safety
    /// Every hart that uses the tables has executed that operation's fence.
    pub unsafe fn sweep_tables(&mut self, stretch: VirtRange) {
        let top = self.levels.mode().levels() - 1;
        if !stretch.is_empty() {
            self.sweep_below(self.root, top, stretch);
        }
    }

    /// Ends the address space. It gives all tables of the lower half back, the root included, and
    /// calls `each` with the memory of each leaf, withdrawn leaves included.
    ///
    /// # Safety
    /// No hart translates through the root or keeps a translation of it. Each hart that did has
    /// written another root to `satp`, and has executed [`Fence::All`](super::Fence::All) since.
    pub unsafe fn dismantle(mut self, each: impl FnMut(PhysRange)) {
        let top = self.levels.mode().levels() - 1;
        let mut runs = Runs::new(each);
        for entry in 0..ENTRIES / 2 {
            let virt = VirtAddr::new(entry as u64 * bytes(top));
            self.dismantle_entry(top, self.root.wrapping_add(entry as u64 * 8), virt, &mut runs);
        }
        runs.finish();
        let root = self.root;
        self.frames.give_back(root);
    }

    /// Withdraws empty tables below `table`, which is of `level`. Returns true if `table` is empty.
    fn withdraw_below(
        &mut self,
        table: PhysAddr,
        level: usize,
        stretch: VirtRange,
        withdrawn: &mut bool,
    ) -> bool {
        if level != 0 {
            for (at, part) in entries_of(table, level, stretch) {
                let entry = self.memory.read(at);
                if entry.is_valid()
                    && !entry.is_leaf()
                    && self.withdraw_below(entry.target(), level - 1, part, withdrawn)
                {
                    self.memory.write_run(at, entry.withdrawn_table(), 0, 1);
                    *withdrawn = true;
                }
            }
        }
        (0..ENTRIES).all(|index| {
            let entry = self.memory.read(table.wrapping_add(index as u64 * 8));
            entry == Entry::INVALID || entry.table_withdrawn().is_some()
        })
    }

    fn sweep_below(&mut self, table: PhysAddr, level: usize, stretch: VirtRange) {
        if level == 0 {
            return;
        }
        for (at, part) in entries_of(table, level, stretch) {
            let entry = self.memory.read(at);
            if let Some(below) = entry.table_withdrawn() {
                self.give_back_withdrawn(below, level - 1);
                self.memory.write_invalid(at, 1);
            } else if entry.is_valid() && !entry.is_leaf() {
                self.sweep_below(entry.target(), level - 1, part);
            }
        }
    }

    /// Gives a table of `level` back that was withdrawn, and all that were withdrawn below it.
    fn give_back_withdrawn(&mut self, table: PhysAddr, level: usize) {
        for index in 0..if level == 0 { 0 } else { ENTRIES } {
            let entry = self.memory.read(table.wrapping_add(index as u64 * 8));
            if let Some(below) = entry.table_withdrawn() {
                self.give_back_withdrawn(below, level - 1);
            }
        }
        self.frames.give_back(table);
    }

    fn dismantle_entry<E: FnMut(PhysRange)>(
        &mut self,
        level: usize,
        at: PhysAddr,
        virt: VirtAddr,
        runs: &mut Runs<E>,
    ) {
        let entry = self.memory.read(at);
        self.memory.write_invalid(at, 1);
        let is_pointer = entry.is_valid() && !entry.is_leaf() && level != 0;
        let below = entry.table_withdrawn().or(is_pointer.then(|| entry.target()));
        if let Some(table) = below.filter(|_| level != 0) {
            for index in 0..ENTRIES {
                let offset = index as u64;
                let virt = virt.wrapping_add(offset * bytes(level - 1));
                self.dismantle_entry(level - 1, table.wrapping_add(offset * 8), virt, runs);
            }
            self.frames.give_back(table);
        } else if entry.is_withdrawn_leaf() || entry.is_valid() {
            runs.add(self.memory_of(Position { level, at, entry }, virt));
        }
    }
}

/// Returns the entries of `table`, of `level`, that serve addresses of `stretch`, each with its
/// part of the stretch.
fn entries_of(
    table: PhysAddr,
    level: usize,
    stretch: VirtRange,
) -> impl Iterator<Item = (PhysAddr, VirtRange)> {
    let (first, last) = (stretch.start(), stretch.end().wrapping_sub(1));
    let (low, high) = (index(first, level), index(last, level));
    (low..=high).map(move |number| {
        let start = first.align_down(bytes(level)).wrapping_add((number - low) as u64 * bytes(level));
        let part = VirtRange::new(start, bytes(level)).intersection(stretch);
        (table.wrapping_add(number as u64 * 8), part)
    })
}

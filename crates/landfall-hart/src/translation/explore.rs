//! All entries that a walk may end in, present and past.

use super::ends::{ENDS, End, Ends, Stale, Walk, pages};
use super::fence::Question;
use super::{asid, levels, root};
use crate::hart::Hart;
use crate::liberty::Liberty;
use crate::world::World;

/// V of an entry.
const V: u64 = 1;
/// R, W and X of an entry.
const RWX: u64 = 0xe;
/// G of an entry.
const G: u64 = 1 << 5;

impl World {
    /// Returns the ends that a walk may have.
    pub(super) fn explore(&mut self, hart: &Hart, satp: u64, address: u64) -> Ends {
        let mut ends = Ends::default();
        let Some(levels) = levels(satp) else { return ends };
        let present = hart.translations.holds.last();
        let held = present.map_or(0, |hold| hold.from);
        let walk = Walk {
            address,
            asid: asid(satp),
            table: root(satp),
            level: levels - 1,
            top: levels - 1,
            from: self.first_read(held),
            held,
            to: u64::MAX,
            global: false,
            stale: None,
        };
        self.follow(hart, walk, &mut ends);
        if self.choices.takes(Liberty::StaleRoot) || self.choices.takes(Liberty::StaleGlobal) {
            self.explore_earlier_roots(hart, asid(satp), address, &mut ends);
        }
        ends
    }

    fn explore_earlier_roots(&mut self, hart: &Hart, asid: u64, address: u64, ends: &mut Ends) {
        for hold in &hart.translations.holds {
            let (Some((to, fences)), Some(levels)) = (hold.ended, levels(hold.satp)) else { continue };
            if !super::is_canonical(levels, address) {
                continue;
            }
            let mut earlier = Ends::default();
            let walk = Walk {
                address,
                asid: super::asid(hold.satp),
                table: root(hold.satp),
                level: levels - 1,
                top: levels - 1,
                from: self.first_read(hold.from),
                held: hold.from,
                to,
                global: false,
                stale: None,
            };
            self.follow(hart, walk, &mut earlier);
            for &end in earlier.iter() {
                let liberty = if end.global { Liberty::StaleGlobal } else { Liberty::StaleRoot };
                let is_kept = end.global || super::asid(hold.satp) == asid;
                let question = Question {
                    leaf: true,
                    global: end.global,
                    asid: super::asid(hold.satp),
                    pages: pages(address, end.level),
                };
                let Some(entry) = end.entry.filter(|entry| entry & RWX != 0) else { continue };
                if is_kept
                    && self.choices.takes(liberty)
                    && !hart.translations.fences.cover_since(question, fences)
                {
                    let stale = end.stale.unwrap_or(Stale {
                        liberty,
                        word: end.address,
                        used: entry,
                        present: entry,
                        writer: hart.index,
                        writer_pc: 0,
                    });
                    ends.add(End { stale: Some(Stale { liberty, ..stale }), ..end });
                }
            }
        }
    }

    /// Returns the time from which on a walk reads entries of a root.
    ///
    /// "Writing satp does not imply any ordering constraints between page-table updates and
    /// subsequent address translations". A fence alone ends the past of an entry.
    fn first_read(&self, held: u64) -> u64 {
        if self.choices.takes(Liberty::UnorderedRoot) { 0 } else { held }
    }

    /// Follows a walk from one table to all its ends.
    fn follow(&mut self, hart: &Hart, walk: Walk, ends: &mut Ends) {
        let index = walk.address >> (12 + 9 * walk.level) & 511;
        let address = walk.table + 8 * index;
        let Some(frame) = self.memory.frame_at(address) else {
            ends.add(End { entry: None, address, level: walk.level, global: walk.global, stale: walk.stale });
            return;
        };
        if !self.memory.frame(frame).is_table() {
            self.memory.mark_tables(address);
        }
        let mut candidates = [None; ENDS];
        self.candidates(hart, &walk, frame, address, &mut candidates);
        for candidate in candidates.into_iter().flatten() {
            let entry = candidate.value;
            let global = walk.global || entry & G != 0;
            let stale = candidate.stale.or(walk.stale);
            if entry & V != 0 && entry & RWX == 0 && walk.level > 0 && entry >> 54 == 0 && entry & 0xd0 == 0 {
                let table = entry >> 10 << 12;
                let from = walk.from.max(candidate.born);
                let level = walk.level - 1;
                self.follow(hart, Walk { table, level, from, global, stale, ..walk }, ends);
            } else {
                ends.add(End { entry: Some(entry), address, level: walk.level, global, stale });
            }
        }
    }
}

//! All entries that a walk may end in, present and past.

use super::fence::Question;
use super::{asid, levels, root};
use crate::hart::Hart;
use crate::liberty::Liberty;
use crate::memory::{FrameId, LOADER, Past, word_of};
use crate::world::World;

/// The number of ends that a walk is followed to.
const ENDS: usize = 8;

/// The bounded time of Svvptc, in instructions of all harts.
const SVVPTC_BOUND: u64 = 4096;

/// V of an entry.
const V: u64 = 1;
/// R, W and X of an entry.
const RWX: u64 = 0xe;
/// G of an entry.
const G: u64 = 1 << 5;
/// N of an entry: 64 KiB (Svnapot).
const N: u64 = 1 << 63;

/// The end of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// The entry: a leaf or an invalid one; `None` where no memory is.
    pub(super) entry: Option<u64>,
    /// Its physical address.
    pub(super) address: u64,
    /// Its level, 0 for pages.
    pub(super) level: u32,
    /// An entry of the path is global.
    pub(super) global: bool,
    /// The last stale entry of the path.
    pub(super) stale: Option<Stale>,
}

/// A stale entry that a walk used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stale {
    pub(super) liberty: Liberty,
    pub(super) word: u64,
    pub(super) used: u64,
    pub(super) present: u64,
    pub(super) writer: usize,
    pub(super) writer_pc: u64,
}

/// The ends of a walk; the first is that of the present entries.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    ends: [Option<End>; ENDS],
    count: usize,
}

impl Ends {
    fn add(&mut self, end: End) {
        let is_known = self.iter().any(|known| known.entry == end.entry && known.level == end.level);
        if !is_known && self.count < ENDS {
            self.ends[self.count] = Some(end);
            self.count += 1;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &End> {
        self.ends[..self.count].iter().flatten()
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }
}

/// A walk in progress.
#[derive(Clone, Copy, Debug)]
struct Walk {
    address: u64,
    asid: u64,
    table: u64,
    level: u32,
    /// Entries are read from this time on.
    from: u64,
    /// Entries are read until this time.
    to: u64,
    global: bool,
    stale: Option<Stale>,
}

/// A value that an entry may have for a walk.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    value: u64,
    /// The time since which it stands in memory.
    born: u64,
    stale: Option<Stale>,
}

impl World {
    /// Returns the ends that a walk may have.
    pub(super) fn explore(&mut self, hart: &Hart, satp: u64, address: u64) -> Ends {
        let mut ends = Ends::default();
        let Some(levels) = levels(satp) else { return ends };
        let present = hart.translations.holds.last();
        let from = present.map_or(0, |hold| hold.from);
        let walk = Walk {
            address,
            asid: asid(satp),
            table: root(satp),
            level: levels - 1,
            from,
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
                from: hold.from,
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

    /// Returns the values that an entry may have for a walk, the present one first.
    fn candidates(
        &self,
        hart: &Hart,
        walk: &Walk,
        frame: FrameId,
        address: u64,
        candidates: &mut [Option<Candidate>; ENDS],
    ) {
        let held = self.memory.frame(frame);
        let (present, waiting) = self.waiting_pasts(hart, frame, word_of(address));
        let pasts = || waiting.iter().rev().chain(held.pasts(word_of(address)));
        let mut births = pasts().map(|past| past.until.min(self.memory.time()));
        let mut found = candidates.iter_mut();
        if let Some(place) = found.next() {
            *place = Some(Candidate { value: present, born: births.next().unwrap_or(0), stale: None });
        }
        if !self.memory.keeps_tables() {
            return;
        }
        for past in pasts() {
            let born = births.next().unwrap_or(0);
            if past.until <= walk.from || !self.add_past(hart, walk, address, past, born, present, &mut found)
            {
                break;
            }
        }
        if walk.level == 0 && self.config.extensions.svnapot && self.choices.takes(Liberty::Napot) {
            self.napot_siblings(hart, walk, frame, address, present, &mut found);
        }
    }

    /// Returns an entry as the hart's own stores leave it, and its past before each of them that
    /// waits. The hart's walks may see memory.
    fn waiting_pasts(&self, hart: &Hart, frame: FrameId, word: usize) -> (u64, Vec<Past>) {
        let mut value = self.memory.frame(frame).word(word);
        let mut pasts = Vec::new();
        for store in hart.view.buffer.stores_to(frame, word) {
            let at = self.now.saturating_sub(hart.retired - store.issued);
            let (pc, issued) = (store.pc, store.issued);
            pasts.push(Past { until: u64::MAX, at, value, hart: hart.index, pc, issued });
            value = value & !store.mask | store.value;
        }
        (value, pasts)
    }

    /// Adds a past value, unless its liberty is not taken. Returns false if a fence covers it: then
    /// it covers all older ones too.
    #[expect(clippy::too_many_arguments, reason = "one place calls it for each source of values")]
    fn add_past<'a>(
        &self,
        hart: &Hart,
        walk: &Walk,
        address: u64,
        past: &Past,
        born: u64,
        present: u64,
        found: &mut impl Iterator<Item = &'a mut Option<Candidate>>,
    ) -> bool {
        let value = past.value;
        let leaf = walk.level == 0 || value & V != 0 && value & RWX != 0;
        let question = Question {
            leaf,
            global: walk.global || value & G != 0,
            asid: walk.asid,
            pages: pages(walk.address, walk.level),
        };
        let is_own = past.hart == hart.index || past.hart == LOADER;
        if hart.translations.fences.cover_store(question, is_own, past) {
            // An older pointer may still be kept where only leaves were covered.
            return leaf && walk.level > 0;
        }
        let liberty = if value & V == 0 {
            Liberty::StaleInvalid
        } else if leaf {
            Liberty::StaleLeaf
        } else {
            Liberty::StaleTable
        };
        if born <= walk.to && value != present && self.choices.takes(liberty) && self.is_kept(liberty, past) {
            let stale =
                Stale { liberty, word: address, used: value, present, writer: past.hart, writer_pc: past.pc };
            if let Some(place) = found.next() {
                *place = Some(Candidate { value, born, stale: Some(stale) });
            }
        }
        true
    }

    /// Returns false for an invalid entry that Svvptc's bounded time has ended for.
    fn is_kept(&self, liberty: Liberty, past: &Past) -> bool {
        liberty != Liberty::StaleInvalid
            || !self.config.extensions.svvptc
            || self.now.saturating_sub(past.at) < SVVPTC_BOUND
    }

    /// Adds the NAPOT entries of the 15 other pages: to read one of them fills this page's too.
    fn napot_siblings<'a>(
        &self,
        hart: &Hart,
        walk: &Walk,
        frame: FrameId,
        address: u64,
        present: u64,
        found: &mut impl Iterator<Item = &'a mut Option<Candidate>>,
    ) {
        let held = self.memory.frame(frame);
        let first = word_of(address) & !15;
        for sibling in (first..first + 16).filter(|&sibling| sibling != word_of(address)) {
            let now = Past {
                until: u64::MAX,
                at: self.now,
                value: held.word(sibling),
                hart: LOADER,
                pc: 0,
                issued: u64::MAX,
            };
            for past in std::iter::once(&now).chain(held.pasts(sibling)) {
                if past.until <= walk.from {
                    break;
                }
                if past.value & (N | V) != N | V || past.value == present {
                    continue;
                }
                let question = Question {
                    leaf: true,
                    global: walk.global || past.value & G != 0,
                    asid: walk.asid,
                    pages: pages(walk.address, 0),
                };
                let is_own = past.hart == hart.index;
                if hart.translations.fences.cover_store(question, is_own, past) {
                    break;
                }
                let stale = Stale {
                    liberty: Liberty::Napot,
                    word: held.base() + 8 * sibling as u64,
                    used: past.value,
                    present,
                    writer: past.hart,
                    writer_pc: past.pc,
                };
                let Some(place) = found.next() else { return };
                *place = Some(Candidate { value: past.value, born: 0, stale: Some(stale) });
            }
        }
    }
}

/// Returns the first and last page that an entry of a level translates.
const fn pages(address: u64, level: u32) -> (u64, u64) {
    let page = address >> 12;
    let mask = (1 << (9 * level)) - 1;
    (page & !mask, page | mask)
}

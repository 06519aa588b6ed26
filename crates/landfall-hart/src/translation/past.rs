//! The values that an entry may have for a walk: the present one, and earlier ones that no fence of
//! the hart covers.

use super::ends::{Candidate, ENDS, Stale, Walk, pages};
use super::fence::Question;
use crate::hart::Hart;
use crate::liberty::Liberty;
use crate::memory::{Bytes, FrameId, LOADER, Past, word_of};
use crate::world::World;

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

impl World {
    /// Returns the values that an entry may have for a walk, the present one first.
    pub(super) fn candidates(
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
        let born = births.next().unwrap_or(0);
        // An entry of an earlier root that was written since is no entry that the hart has read.
        let is_readable = walk.level < walk.top || born <= walk.to;
        let readable = is_readable.then_some(present);
        if let Some(value) = readable
            && let Some(place) = found.next()
        {
            *place = Some(Candidate { value, born, stale: None });
        }
        if !self.memory.keeps_tables() {
            return;
        }
        for past in pasts() {
            let born = births.next().unwrap_or(0);
            let values = (readable, present);
            if past.until <= walk.from || !self.add_past(hart, walk, address, past, born, values, &mut found)
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
        for store in hart.view.buffer.stores_to(Bytes { frame, word, mask: u64::MAX }) {
            let at = self.now.saturating_sub(hart.retired - store.issued);
            let (pc, issued) = (store.pc, store.issued);
            pasts.push(Past { until: u64::MAX, at, value, hart: hart.index, pc, issued });
            value = store.apply(value);
        }
        (value, pasts)
    }

    /// Adds a past value, unless its liberty is not taken. Returns false if a fence covers it: then
    /// it covers all older ones too.
    ///
    /// The present value may have stood there before, with other values between. A hart that read a
    /// pointer then has read older entries of its table.
    #[expect(clippy::too_many_arguments, reason = "one place calls it for each source of values")]
    fn add_past<'a>(
        &self,
        hart: &Hart,
        walk: &Walk,
        address: u64,
        past: &Past,
        born: u64,
        (readable, present): (Option<u64>, u64),
        found: &mut impl Iterator<Item = &'a mut Option<Candidate>>,
    ) -> bool {
        let value = past.value;
        // An invalid entry that became a leaf is a leaf PTE (Svvptc: "the Valid bit of leaf and/or
        // non-leaf PTEs from 0 to 1").
        let kind = if value & V == 0 { present } else { value };
        let leaf = walk.level == 0 || kind & V != 0 && kind & RWX != 0;
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
        let liberty = if past.until <= walk.held {
            Liberty::UnorderedRoot
        } else if value & V == 0 {
            Liberty::StaleInvalid
        } else if leaf {
            Liberty::StaleLeaf
        } else {
            Liberty::StaleTable
        };
        let is_other = !leaf || Some(value) != readable;
        if born <= walk.to && is_other && self.choices.takes(liberty) && self.is_kept(past) {
            let (writer, writer_pc) = (past.hart, past.pc);
            let stale = Stale { liberty, word: address, used: value, present, writer, writer_pc };
            if let Some(place) = found.next() {
                *place = Some(Candidate { value, born, stale: (value != present).then_some(stale) });
            }
        }
        true
    }

    /// Returns false for an invalid entry that Svvptc's bounded time has ended for.
    fn is_kept(&self, past: &Past) -> bool {
        past.value & V != 0
            || !self.config.extensions.svvptc
            || self.now.saturating_sub(past.at) < SVVPTC_BOUND
    }

    /// Adds the NAPOT entries of the 15 other pages: to read one of them fills this page's too.
    /// Only a fence that covers the entry's own page ends that.
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
        let page = |sibling: usize| walk.address & !0xffff | (sibling as u64 & 15) << 12;
        for sibling in (first..first + 16).filter(|&sibling| sibling != word_of(address)) {
            // A fence orders the hart's own stores before its walks, also those that others do not
            // see yet.
            let (value, waiting) = self.waiting_pasts(hart, frame, sibling);
            let now = Past { until: u64::MAX, at: self.now, value, hart: LOADER, pc: 0, issued: u64::MAX };
            for past in std::iter::once(&now).chain(waiting.iter().rev()).chain(held.pasts(sibling)) {
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
                    pages: pages(page(sibling), 0),
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

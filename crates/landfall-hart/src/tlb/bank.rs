//! One cache of translations.

#![expect(clippy::cast_possible_truncation, reason = "the number of a set is small")]

use super::victim::Victims;
use super::{BankShape, LeafSize};

/// An entry: some neighboring pages of one size.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// The number of the first page, and the size; see [`Bank::page`].
    tag: u64,
    /// One bit for each of the pages that is held; 0 if the entry is invalid.
    held: u8,
    /// One bit for each of the pages whose leaf is global.
    global: u8,
}

/// A page in a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Page {
    set: usize,
    tag: u64,
    sector: u8,
}

/// One cache of translations.
#[derive(Clone, Debug)]
pub(super) struct Bank {
    shape: BankShape,
    slots: Vec<Slot>,
    victims: Victims,
    /// The page of the last hit or fill: another hit there changes nothing.
    last: Option<Page>,
}

impl Bank {
    pub(super) fn new(shape: BankShape, seed: u64) -> Self {
        assert!(shape.sets.is_power_of_two() && shape.ways > 0, "a cache has 2^n sets of entries");
        assert!(shape.sectors.is_power_of_two() && shape.sectors <= 8, "an entry has 1, 2, 4 or 8 pages");
        let victims = Victims::new(shape.replacement, shape.sets, shape.ways, seed);
        Self { shape, slots: vec![Slot::default(); shape.sets * shape.ways], victims, last: None }
    }

    /// Returns true if the cache holds the page of an address, and notes the use.
    pub(super) fn hit(&mut self, address: u64, leaf: LeafSize) -> bool {
        let Some(entry) = self.shape.entry(leaf) else { return false };
        let page = self.page(address, entry);
        if self.last == Some(page) {
            return true;
        }
        let Some(way) = self.find(page) else { return false };
        if self.slot(page.set, way).held & page.sector == 0 {
            return false;
        }
        self.victims.touch(page.set, way);
        self.last = Some(page);
        true
    }

    /// Takes in the page of an address, if the cache holds leaves of that size.
    pub(super) fn fill(&mut self, address: u64, leaf: LeafSize, is_global: bool) {
        let Some(entry) = self.shape.entry(leaf) else { return };
        let page = self.page(address, entry);
        let global = if is_global { page.sector } else { 0 };
        let way = if let Some(way) = self.find(page) {
            let slot = self.slot(page.set, way);
            slot.held |= page.sector;
            slot.global = slot.global & !page.sector | global;
            way
        } else {
            let way = self.victim(page.set);
            *self.slot(page.set, way) = Slot { tag: page.tag, held: page.sector, global };
            way
        };
        self.victims.touch(page.set, way);
        self.last = Some(page);
    }

    /// Removes the page of an address in each size, or all pages. Global ones stay if
    /// `keeps_global` is true.
    pub(super) fn remove(&mut self, address: Option<u64>, keeps_global: bool) {
        self.last = None;
        let Some(address) = address else {
            for slot in &mut self.slots {
                slot.held &= if keeps_global { slot.global } else { 0 };
            }
            return;
        };
        for size in LeafSize::ALL {
            let page = self.page(address, size);
            if let Some(way) = self.find(page) {
                let slot = self.slot(page.set, way);
                slot.held &= !page.sector | if keeps_global { slot.global } else { 0 };
            }
        }
    }

    fn victim(&mut self, set: usize) -> usize {
        let slots = &self.slots[set * self.shape.ways..][..self.shape.ways];
        if self.victims.fills_first()
            && let Some(way) = slots.iter().position(|slot| slot.held == 0)
        {
            return way;
        }
        self.victims.take(set)
    }

    fn find(&self, page: Page) -> Option<usize> {
        let slots = &self.slots[page.set * self.shape.ways..][..self.shape.ways];
        slots.iter().position(|slot| slot.tag == page.tag && slot.held != 0)
    }

    fn slot(&mut self, set: usize, way: usize) -> &mut Slot {
        &mut self.slots[set * self.shape.ways + way]
    }

    fn page(&self, address: u64, entry: LeafSize) -> Page {
        let number = address >> entry.bits();
        let group = number / u64::from(self.shape.sectors);
        Page {
            set: (group & (self.shape.sets as u64 - 1)) as usize,
            tag: group << 6 | u64::from(entry.bits()),
            sector: 1 << (number % u64::from(self.shape.sectors)),
        }
    }
}

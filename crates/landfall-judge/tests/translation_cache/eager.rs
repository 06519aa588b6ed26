//! An obvious model: after each step, every hart reads all that it can, and keeps all that it
//! reads from memory.
//!
//! It knows a few tables in sv39 whose entries from 2 on are 0, and eight addresses.

use std::collections::{BTreeMap, BTreeSet};

use landfall_judge::translation_cache::{Holder, Outcome};

const V: u64 = 1;
const RWX: u64 = 0b1110;
const G: u64 = 0x20;
const N: u64 = 1 << 63;

/// An address for each choice of entry 0 or 1 in the three tables.
pub(crate) const VIRTS: [u64; 8] =
    [0, 0x1000, 0x20_0000, 0x20_1000, 0x4000_0000, 0x4000_1000, 0x4020_0000, 0x4020_1000];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    level: u32,
    virt: u64,
    holder: Holder,
    at: u64,
    bits: u64,
}

#[derive(Default)]
struct Hart {
    /// The root and the ASID; the last is that of `satp`.
    starts: Vec<(u64, u16)>,
    cache: BTreeSet<Entry>,
}

/// All that a hart finds for one address.
#[derive(Default)]
pub(crate) struct Found {
    /// Physical addresses; `None` is a fault.
    pub(crate) results: BTreeSet<(Holder, Option<u64>)>,
    pub(crate) tables: BTreeSet<u64>,
    read: BTreeSet<Entry>,
}

#[derive(Default)]
pub(crate) struct Eager {
    words: BTreeMap<u64, u64>,
    late: Vec<(usize, u64, u64)>,
    harts: [Hart; 2],
}

impl Eager {
    pub(crate) fn store(&mut self, by: Option<usize>, at: u64, bits: u64) {
        let old = self.words.insert(at, bits).unwrap_or(0);
        if old != bits {
            self.late.extend(by.map(|by| (by, at, old)));
        }
        self.read_all();
    }

    pub(crate) fn fence(&mut self, hart: usize) {
        self.late.retain(|&(by, ..)| by != hart);
    }

    pub(crate) fn write_satp(&mut self, hart: usize, start: (u64, u16)) {
        self.harts[hart].starts.retain(|&other| other != start);
        self.harts[hart].starts.push(start);
        self.read_all();
    }

    pub(crate) fn sfence(&mut self, hart: usize, virt: Option<u64>, asid: Option<u16>) {
        let words = &self.words;
        let Hart { starts, cache } = &mut self.harts[hart];
        let spared = |holder: Holder| asid.is_some_and(|asid| holder != Holder::Asid(asid));
        cache.retain(|entry| {
            let is_other = virt.is_some_and(|virt| {
                let leaf = |bits: u64| bits & V != 0 && bits & RWX != 0;
                let is_leaf = if entry.bits & V == 0 {
                    entry.level == 0 || leaf(words.get(&entry.at).copied().unwrap_or(0))
                } else {
                    entry.level == 0 || leaf(entry.bits)
                };
                first(virt, entry.level) != entry.virt || !is_leaf
            });
            spared(entry.holder) || is_other
        });
        if virt.is_none() {
            let current = *starts.last().expect("the hart has a root");
            starts.retain(|&start| start == current || spared(Holder::Asid(start.1)));
        }
        self.read_all();
    }

    fn read_all(&mut self) {
        for hart in 0..self.harts.len() {
            let read = VIRTS.into_iter().flat_map(|virt| self.translate(hart, virt).read);
            let read: Vec<_> = read.collect();
            self.harts[hart].cache.extend(read);
        }
    }

    /// The outcomes under the hart's `satp`.
    pub(crate) fn outcomes(&self, hart: usize, virt: u64) -> BTreeSet<Option<u64>> {
        let asid = self.harts[hart].starts.last().expect("the hart has a root").1;
        let results = self.translate(hart, virt).results.into_iter();
        results.filter(|(holder, _)| holder.serves(asid)).map(|(_, result)| result).collect()
    }

    pub(crate) fn translate(&self, hart: usize, virt: u64) -> Found {
        let mut found = Found::default();
        for &(root, asid) in &self.harts[hart].starts {
            self.walk(hart, virt, root, 2, Holder::Asid(asid), &mut found);
        }
        for entry in &self.harts[hart].cache {
            if first(virt, entry.level) == entry.virt {
                self.follow(hart, virt, *entry, &mut found);
            }
        }
        found
    }

    fn walk(&self, hart: usize, virt: u64, table: u64, level: u32, holder: Holder, found: &mut Found) {
        found.tables.insert(table);
        let index = virt >> (12 + 9 * level) & 511;
        let at = table + index * 8;
        let holder_of = |bits: u64| if bits & V != 0 && bits & G != 0 { Holder::Global } else { holder };
        let entry_of = |bits| Entry { level, virt: first(virt, level), holder: holder_of(bits), at, bits };
        let mut values = Vec::new();
        let sources = if level == 0 { vec![table, table + 8] } else { vec![at] };
        for source in sources {
            let now = self.words.get(&source).copied().unwrap_or(0);
            let late = self.late.iter().filter(|&&(by, at, _)| by != hart && at == source);
            for bits in late.map(|&(.., old)| old).chain([now]) {
                if source == at || bits & N != 0 {
                    values.push(bits);
                    found.read.insert(entry_of(bits));
                }
            }
        }
        for kept in self.harts[hart].cache.iter().filter(|kept| kept.at == at && kept.level == level) {
            if kept.holder == Holder::Global || holder == Holder::Global || kept.holder == holder {
                values.push(kept.bits);
            }
        }
        for bits in values {
            self.follow(hart, virt, entry_of(bits), found);
        }
    }

    fn follow(&self, hart: usize, virt: u64, entry: Entry, found: &mut Found) {
        let Entry { level, holder, bits, .. } = entry;
        let target = bits << 10 >> 20 << 12;
        let is_bad_napot = bits & N != 0 && (level > 0 || bits & RWX == 0);
        if bits & V == 0 || is_bad_napot || bits & RWX == 0 && level == 0 {
            found.results.insert((holder, None));
        } else if bits & RWX == 0 {
            self.walk(hart, virt, target, level - 1, holder, found);
        } else {
            let size = if bits & N != 0 { 16 << 12 } else { 4096 << (9 * level) };
            found.results.insert((holder, Some(target / size * size + virt % size)));
        }
    }
}

/// The first address that an entry serves.
fn first(virt: u64, level: u32) -> u64 {
    virt >> (12 + 9 * level) << (12 + 9 * level)
}

/// The outcome of the model under test, in the terms of this one.
pub(crate) fn plain(outcome: Outcome) -> Option<u64> {
    match outcome {
        Outcome::Fault => None,
        Outcome::Reaches(translation) => Some(translation.phys),
        Outcome::Garbage | Outcome::Bare => panic!("neither a fault nor a translation: {outcome}"),
    }
}

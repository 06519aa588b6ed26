//! The walker itself.

use std::ops::ControlFlow;

use crate::address::{PAGE, Phys, Span, Virt};
use crate::attributes::Attributes;
use crate::entry::{Defect, Entry, Meaning};
use crate::format::{Format, Napot};
use crate::leaf::LeafSize;
use crate::memory::{BLANK, Memory, Page};
use crate::root::Root;

use super::fault::{Fault, FaultKind};
use super::tables::{ENTRIES, Met, Served, Tables, entry_size, table_size};
use super::{Cost, EntryPlace, Leaf, Sink};

/// Entries that map 64 KiB together, with Svnapot.
pub(super) const GROUP: usize = 16;

/// A walk of one root after another.
#[derive(Debug)]
pub struct Walker<'a, M> {
    memory: &'a mut M,
    format: Format,
    most_tables: usize,
    tables: Tables,
    cost: Cost,
}

/// A table that is about to be read.
#[derive(Clone, Copy)]
struct Table {
    at: Phys,
    level: u8,
    /// The first address that it serves, without the upper bits.
    low: u64,
    /// The entry that leads there.
    by: Option<EntryPlace>,
}

impl<'a, M: Memory> Walker<'a, M> {
    /// A walker that has read nothing. It reads at most `most_tables` tables.
    pub fn new(memory: &'a mut M, format: Format, most_tables: usize) -> Self {
        Self { memory, format, most_tables, tables: Tables::default(), cost: Cost::default() }
    }

    /// Walks a root, the `number`th one.
    pub fn walk(&mut self, root: Root, number: u32, sink: &mut impl Sink) {
        let table = Table { at: root.table, level: root.mode.levels() - 1, low: 0, by: None };
        // The fault of the limit is in the sink.
        let _ = Walk { walker: self, root, number, sink, path: Vec::with_capacity(5) }.enter(table);
    }

    /// Returns the tables that were read, and the work.
    #[must_use]
    pub fn finish(self) -> (Tables, Cost) {
        (self.tables, self.cost)
    }
}

struct Walk<'w, 'a, M, S> {
    walker: &'w mut Walker<'a, M>,
    root: Root,
    number: u32,
    sink: &'w mut S,
    /// The tables from the root to the current one.
    path: Vec<Phys>,
}

impl<M: Memory, S: Sink> Walk<'_, '_, M, S> {
    fn enter(&mut self, table: Table) -> ControlFlow<()> {
        let own = Served { virt: self.virt(table.low), root: self.number, level: table.level };
        let span = Span::new(own.virt, table_size(table.level));
        let most = self.walker.most_tables;
        let kind = match self.walker.tables.meet(table.at, own, most) {
            Met::New => return self.read(table, span),
            Met::Full => {
                self.sink.fault(Fault { kind: FaultKind::Limit, span, place: table.by });
                return ControlFlow::Break(());
            }
            // In one root no table serves these addresses at this level twice.
            Met::Before(before) if (Served { root: own.root, ..before }) == own => {
                self.sink.inherited(span, before.root as usize);
                return ControlFlow::Continue(());
            }
            Met::Before(_) if self.path.contains(&table.at) => FaultKind::Loop,
            Met::Before(before) => {
                FaultKind::Shared { first: before.virt, root: before.root as usize, level: before.level }
            }
        };
        self.sink.fault(Fault { kind, span, place: table.by });
        ControlFlow::Continue(())
    }

    fn read(&mut self, table: Table, span: Span<Virt>) -> ControlFlow<()> {
        let mut page = BLANK;
        if let Err(missing) = self.walker.memory.read(table.at, &mut page) {
            self.sink.fault(Fault { kind: FaultKind::Missing(missing), span, place: table.by });
            return ControlFlow::Continue(());
        }
        let cost = &mut self.walker.cost;
        cost.tables += 1;
        cost.bytes += PAGE;
        cost.entries += ENTRIES as u64;
        if table.level != 0 {
            self.announce(&page, table.level);
        }
        self.path.push(table.at);
        let mut flow = ControlFlow::Continue(());
        for first in (0..ENTRIES).step_by(GROUP) {
            flow = self.group(table, &page, first);
            if flow.is_break() {
                break;
            }
        }
        self.path.pop();
        flow
    }

    fn announce(&mut self, page: &Page, level: u8) {
        let format = self.walker.format;
        let below = (0..ENTRIES).filter_map(|index| match entry(page, index).meaning(level, format) {
            Meaning::Pointer(target) if !self.walker.tables.has(target) => Some(target),
            _ => None,
        });
        let below: Vec<_> = below.collect();
        if !below.is_empty() {
            self.walker.memory.announce(&below);
        }
    }

    /// Walks 16 entries, from `first` on.
    fn group(&mut self, table: Table, page: &Page, first: usize) -> ControlFlow<()> {
        let format = self.walker.format;
        if table.level == 0 && format.napot == Napot::Svnapot && self.napot(table, page, first) {
            return ControlFlow::Continue(());
        }
        for index in first..first + GROUP {
            let own = entry(page, index);
            let kind = match own.meaning(table.level, format) {
                Meaning::Invalid => continue,
                Meaning::Pointer(target) => {
                    let low = table.low + index as u64 * entry_size(table.level);
                    let by = Some(place(table, index, own));
                    self.enter(Table { at: target, level: table.level - 1, low, by })?;
                    continue;
                }
                Meaning::Leaf => {
                    self.leaf(table, index, own, own.target(), LeafSize::of_level(table.level));
                    continue;
                }
                Meaning::Napot => {
                    self.leaf(table, index, own, own.napot_target(index as u64), LeafSize::K4);
                    continue;
                }
                Meaning::Faulty(Defect::Reserved) => FaultKind::Reserved,
                Meaning::Faulty(Defect::WriteOnly) => FaultKind::WriteOnly,
                Meaning::Faulty(Defect::Deep) => FaultKind::Deep,
                Meaning::Faulty(Defect::Misaligned) => FaultKind::Misaligned,
                Meaning::Faulty(Defect::Napot) => FaultKind::NapotReserved,
            };
            self.fault(table, index, own, kind);
        }
        ControlFlow::Continue(())
    }

    /// Returns true if the 16 entries map 64 KiB together. Reports a group of which only some do.
    fn napot(&mut self, table: Table, page: &Page, first: usize) -> bool {
        let format = self.walker.format;
        let group = || (first..first + GROUP).map(|index| (index, entry(page, index)));
        let Some((_, wanted)) = group().find(|(_, own)| own.meaning(0, format) == Meaning::Napot) else {
            return false;
        };
        if let Some((index, own)) = group().find(|(_, own)| *own != wanted) {
            self.fault(table, index, own, FaultKind::NapotGroup);
            return false;
        }
        self.leaf(table, first, wanted, wanted.napot_target(0), LeafSize::K64);
        true
    }

    fn leaf(&mut self, table: Table, index: usize, own: Entry, phys: Phys, size: LeafSize) {
        let virt = self.virt(table.low + index as u64 * entry_size(table.level));
        let attributes = Attributes::new(own.flags(), own.memory_type(self.walker.format));
        self.sink.leaf(Leaf { virt, phys, size, attributes });
    }

    fn fault(&mut self, table: Table, index: usize, own: Entry, kind: FaultKind) {
        let size = entry_size(table.level);
        let span = Span::new(self.virt(table.low + index as u64 * size), size);
        self.sink.fault(Fault { kind, span, place: Some(place(table, index, own)) });
    }

    fn virt(&self, low: u64) -> Virt {
        Virt(self.root.mode.canonical(low))
    }
}

fn place(table: Table, index: usize, own: Entry) -> EntryPlace {
    let index = u16::try_from(index).unwrap_or(u16::MAX);
    EntryPlace { table: table.at, level: table.level, index, bits: own.0 }
}

pub(super) fn entry(page: &Page, index: usize) -> Entry {
    let words = page.as_chunks::<8>().0;
    Entry(words.get(index).map_or(0, |word| u64::from_le_bytes(*word)))
}

//! The entries of a table, 16 at a time: Svnapot maps 64 KiB by so many.

use std::ops::ControlFlow;

use crate::address::{Phys, Span};
use crate::attributes::Attributes;
use crate::entry::{Defect, Entry, Meaning};
use crate::format::Napot;
use crate::leaf::LeafSize;
use crate::memory::{Memory, Page};

use super::fault::{Fault, FaultKind};
use super::tables::{GROUP, entry, entry_size};
use super::visit::{Table, Visit};
use super::walker::Walk;
use super::{EntryPlace, Leaf, Sink};

impl<M: Memory, S: Sink> Walk<'_, '_, M, S> {
    /// Walks 16 entries, from `first` on.
    pub(super) fn group(&mut self, table: Table, page: &Page, first: usize) -> ControlFlow<()> {
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
                    self.enter(Table { at: target, level: table.level - 1, low, by, ..table })?;
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
        if table.visit == Visit::Again {
            return;
        }
        let size = entry_size(table.level);
        let span = Span::new(self.virt(table.low + index as u64 * size), size);
        self.sink.fault(Fault { kind, span, place: Some(place(table, index, own)) });
    }
}

fn place(table: Table, index: usize, own: Entry) -> EntryPlace {
    let index = u16::try_from(index).unwrap_or(u16::MAX);
    EntryPlace { table: table.at, level: table.level, index, bits: own.0 }
}

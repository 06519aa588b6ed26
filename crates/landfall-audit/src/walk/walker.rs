//! The walker itself.
//!
//! A first walk reads each table once, and notes the entries that lead to tables that were read
//! before. [`Walker::repeat`] then walks those tables again, at the addresses of these entries.
//! So a table is first met where it serves by itself, and a loop comes later.

use std::ops::ControlFlow;

use crate::address::{PAGE, Phys, Span, Virt};
use crate::entry::Meaning;
use crate::format::Format;
use crate::limits::Limits;
use crate::memory::{BLANK, Memory, Page};
use crate::root::Root;

use super::fault::{Fault, FaultKind};
use super::repeats::Repeats;
use super::tables::{ENTRIES, GROUP, Met, Served, Tables, entry, table_size};
use super::visit::{Table, Visit};
use super::{Cost, Sink};

/// A walk of one root after another.
#[derive(Debug)]
pub struct Walker<'a, M> {
    memory: &'a mut M,
    pub(super) format: Format,
    tables: Tables,
    /// Tables that wait in [`Repeats`] of all roots.
    waiting: usize,
    cost: Cost,
}

impl<'a, M: Memory> Walker<'a, M> {
    /// A walker that has read nothing. The limit of runs is the sink's.
    pub fn new(memory: &'a mut M, format: Format, limits: Limits) -> Self {
        Self { memory, format, tables: Tables::new(limits), waiting: 0, cost: Cost::default() }
    }

    /// Walks a root, the `number`th one. Returns the entries that lead to tables that were walked
    /// before, for [`Walker::repeat`].
    pub fn walk(&mut self, root: Root, number: u32, sink: &mut impl Sink) -> Repeats {
        let (level, visit) = (root.mode.levels() - 1, Visit::First);
        let table = Table { at: root.table, level, low: 0, by: None, visit };
        let mut walk = Walk { walker: self, repeats: Repeats::new(root, number), sink, path: Vec::new() };
        // The fault of the limit is in the sink.
        let _ = walk.enter(table);
        walk.repeats
    }

    /// Walks tables again, at the addresses of the entries that a walk has left.
    pub fn repeat(&mut self, repeats: Repeats, sink: &mut impl Sink) {
        let mut walk = Walk { walker: self, repeats, sink, path: Vec::new() };
        while let Some(table) = walk.repeats.next() {
            walk.walker.waiting = walk.walker.waiting.saturating_sub(1);
            // The fault of the limit is in the sink.
            let _ = walk.again(table);
        }
        if let Some((table, entries)) = walk.repeats.left() {
            walk.report(table, FaultKind::NotFollowed { entries });
        }
    }

    /// Returns the tables that were read, and the work.
    #[must_use]
    pub fn finish(self) -> (Tables, Cost) {
        (self.tables, self.cost)
    }
}

pub(super) struct Walk<'w, 'a, M, S> {
    pub(super) walker: &'w mut Walker<'a, M>,
    repeats: Repeats,
    pub(super) sink: &'w mut S,
    /// The tables from the root to the current one.
    path: Vec<Phys>,
}

impl<M: Memory, S: Sink> Walk<'_, '_, M, S> {
    /// Walks the table that an entry leads to.
    pub(super) fn enter(&mut self, table: Table) -> ControlFlow<()> {
        let own = Served::new(self.virt(table.low), self.repeats.number(), table.level);
        let kind = match self.walker.tables.meet(table.at, own) {
            Met::New => return self.read(Table { visit: Visit::First, ..table }),
            Met::Full => {
                self.report(table, FaultKind::Limit);
                return ControlFlow::Break(());
            }
            Met::Before(before) if before.is_inherited_by(own) => {
                self.sink.inherited(self.span(table), before.root as usize);
                return ControlFlow::Continue(());
            }
            Met::Before(_) if table.visit == Visit::Again => return self.again(table),
            Met::Before(_) if self.path.contains(&table.at) => FaultKind::Loop,
            Met::Before(before) => {
                FaultKind::Shared { first: before.virt, root: before.root as usize, level: before.level }
            }
        };
        self.report(table, kind);
        if self.walker.waiting < self.walker.tables.repeats_left() {
            self.walker.waiting += 1;
            self.repeats.add(table);
        } else {
            self.repeats.leave(table);
        }
        ControlFlow::Continue(())
    }

    /// Walks a table that was walked before.
    fn again(&mut self, table: Table) -> ControlFlow<()> {
        if self.walker.tables.repeat(table.at) {
            return self.read(Table { visit: Visit::Again, ..table });
        }
        self.repeats.leave(table);
        ControlFlow::Continue(())
    }

    fn read(&mut self, table: Table) -> ControlFlow<()> {
        let mut page = BLANK;
        if let Err(missing) = self.walker.memory.read(table.at, &mut page) {
            if table.visit == Visit::First {
                self.report(table, FaultKind::Missing(missing));
            }
            return ControlFlow::Continue(());
        }
        let cost = &mut self.walker.cost;
        match table.visit {
            Visit::First => cost.tables += 1,
            Visit::Again => cost.repeats += 1,
        }
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

    /// Reports a fault of the entry that leads to a table.
    fn report(&mut self, table: Table, kind: FaultKind) {
        self.sink.fault(Fault { kind, span: self.span(table), place: table.by });
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

    fn span(&self, table: Table) -> Span<Virt> {
        Span::new(self.virt(table.low), table_size(table.level))
    }

    /// The address with this low part.
    pub(super) fn virt(&self, low: u64) -> Virt {
        Virt(self.repeats.root().mode.canonical(low))
    }
}

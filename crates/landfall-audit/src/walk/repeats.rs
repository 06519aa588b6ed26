//! Entries of one root that lead to tables that were walked before.

use std::collections::VecDeque;

use crate::root::Root;

use super::visit::Table;

/// Entries of one root that lead to tables that were walked before.
#[derive(Debug)]
#[must_use = "Walker::repeat walks the tables at these addresses too"]
pub struct Repeats {
    root: Root,
    number: u32,
    waiting: VecDeque<Table>,
    /// The first table that is not walked again, and the number of all.
    left: Option<(Table, u64)>,
}

impl Repeats {
    pub(super) const fn new(root: Root, number: u32) -> Self {
        Self { root, number, waiting: VecDeque::new(), left: None }
    }

    pub(super) const fn root(&self) -> Root {
        self.root
    }

    pub(super) const fn number(&self) -> u32 {
        self.number
    }

    /// Adds a table.
    pub(super) fn add(&mut self, table: Table) {
        self.waiting.push_back(table);
    }

    /// Counts a table that is not walked again.
    pub(super) const fn leave(&mut self, table: Table) {
        match &mut self.left {
            Some((_, count)) => *count += 1,
            None => self.left = Some((table, 1)),
        }
    }

    pub(super) fn next(&mut self) -> Option<Table> {
        self.waiting.pop_front()
    }

    pub(super) const fn left(&self) -> Option<(Table, u64)> {
        self.left
    }
}

//! The values that each location may hold.

use std::collections::BTreeSet;

use crate::inst::Width;
use crate::test::Test;

use super::event::{Event, offset};

/// The initial contents of memory, and all stores that some execution may make.
#[derive(Debug)]
pub(super) struct Domain {
    memory: Memory,
    stores: BTreeSet<(u64, Width, u64)>,
}

/// The initial contents of memory.
#[derive(Debug)]
pub(super) struct Memory(Vec<(u64, u64)>);

impl Memory {
    /// Returns the initial contents of the test's memory.
    pub(super) fn new(test: &Test) -> Self {
        let locations = test.locations.iter().enumerate();
        Self(
            locations
                .map(|(at, location)| (Test::address(at), location.width.truncate(location.value.number())))
                .collect(),
        )
    }

    /// Returns the initial value of a byte.
    pub(super) fn byte(&self, address: u64) -> u8 {
        let location = self.0.iter().find(|(start, _)| (*start..*start + 8).contains(&address));
        location.map_or(0, |(start, value)| value.to_le_bytes()[offset(address, *start)])
    }
}

impl Domain {
    /// Returns the domain without any store.
    pub(super) fn new(test: &Test) -> Self {
        Self { memory: Memory::new(test), stores: BTreeSet::new() }
    }

    /// Adds the stores among the events; returns true if there was a new one.
    pub(super) fn extend<'a>(&mut self, events: impl Iterator<Item = &'a Event>) -> bool {
        let before = self.stores.len();
        for event in events {
            if let Event::Access(access) = event
                && access.writes()
            {
                self.stores.insert((access.address, access.width, access.written));
            }
        }
        self.stores.len() != before
    }

    /// Returns the values that a load may return.
    pub(super) fn values(&self, address: u64, width: Width) -> BTreeSet<u64> {
        let end = address + width.bytes();
        let overlapping: Vec<_> = self
            .stores
            .iter()
            .filter(|(start, size, _)| *start < end && address < start + size.bytes())
            .collect();
        if overlapping.iter().all(|(start, size, _)| (*start, *size) == (address, width)) {
            let initial =
                (address..end).rev().fold(0, |value, byte| value << 8 | u64::from(self.memory.byte(byte)));
            return overlapping.iter().map(|(.., value)| *value).chain([initial]).collect();
        }
        (address..end).rev().fold(BTreeSet::from([0]), |values, byte| {
            let stored = overlapping
                .iter()
                .filter(|(start, size, _)| (*start..start + size.bytes()).contains(&byte))
                .map(|(start, _, value)| value.to_le_bytes()[offset(byte, *start)]);
            let bytes: BTreeSet<u8> = stored.chain([self.memory.byte(byte)]).collect();
            values
                .iter()
                .flat_map(|&value| bytes.iter().map(move |&each| value << 8 | u64::from(each)))
                .collect()
        })
    }
}

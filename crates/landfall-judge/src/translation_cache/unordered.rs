//! Stores that other harts may not see yet.

use std::collections::BTreeMap;

use super::format::{Format, Shape, Word};

/// A store, and the word that it replaced.
#[derive(Clone, Copy, Debug)]
pub(super) struct Store {
    pub(super) by: usize,
    pub(super) at: u64,
    pub(super) old: Word,
}

/// Stores by address; those that replaced a pointer or a leaf are also at hand by themselves.
#[derive(Clone, Debug, Default)]
pub(super) struct Unordered {
    stores: BTreeMap<u64, Vec<Store>>,
    pointers: Vec<(u64, Store)>,
    leaves: Vec<Store>,
}

impl Unordered {
    pub(super) fn push(&mut self, store: Store, format: Format) {
        self.stores.entry(store.at).or_default().push(store);
        match store.old.map(|bits| format.shape(bits)) {
            Some(Shape::Pointer { table }) => self.pointers.push((table, store)),
            Some(Shape::Leaf { .. }) => self.leaves.push(store),
            Some(Shape::Fault) | None => {}
        }
    }

    /// All stores by this hart.
    pub(super) fn by(&self, hart: usize) -> Vec<Store> {
        self.stores.values().flatten().copied().filter(|store| store.by == hart).collect()
    }

    pub(super) fn remove(&mut self, hart: usize) {
        self.stores.retain(|_, stores| {
            stores.retain(|store| store.by != hart);
            !stores.is_empty()
        });
        self.pointers.retain(|(_, store)| store.by != hart);
        self.leaves.retain(|store| store.by != hart);
    }

    /// Words that `hart` may still read at this address.
    pub(super) fn at(&self, hart: usize, at: u64) -> impl Iterator<Item = Word> {
        let stores = self.stores.get(&at).into_iter().flatten();
        stores.filter(move |store| store.by != hart).map(|store| store.old)
    }

    /// Pointers to `table` that `hart` may still read.
    pub(super) fn pointing_to(&self, hart: usize, table: u64) -> impl Iterator<Item = Store> {
        let stores = self.pointers.iter().filter(move |(target, store)| *target == table && store.by != hart);
        stores.map(|&(_, store)| store)
    }

    /// Leaves that `hart` may still read.
    pub(super) fn leaves(&self, hart: usize) -> impl Iterator<Item = Store> {
        self.leaves.iter().copied().filter(move |store| store.by != hart)
    }
}

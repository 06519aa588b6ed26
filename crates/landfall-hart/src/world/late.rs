//! The stores that wait in any hart's buffer: a search for the decisive one asks who misses it.

use super::{Use, World};
use crate::hart::Hart;
use crate::liberty::{Choices, Liberty};
use crate::memory::{Bytes, Store};

/// The stores that wait; `None` unless a search asks for them.
#[derive(Clone, Debug)]
pub(super) struct LateStores(Option<Vec<Store>>);

impl LateStores {
    /// Returns no store, to be followed if the search is for a late one.
    pub(super) fn new(choices: &Choices) -> Self {
        Self((choices.focus() == Some(Liberty::LateStore)).then(Vec::new))
    }

    /// Follows a store that waits.
    pub(super) fn wait(&mut self, store: Store) {
        if let Some(stores) = &mut self.0 {
            stores.push(store);
        }
    }

    /// Follows a store that leaves. Those of a hart to the same bytes leave in the program's order.
    pub(super) fn leave(&mut self, store: &Store) {
        let Some(stores) = &mut self.0 else { return };
        let same = |other: &Store| (other.hart, other.bytes) == (store.hart, store.bytes);
        if let Some(at) = stores.iter().position(same) {
            stores.remove(at);
        }
    }

    /// Returns true if stores are followed.
    #[inline]
    pub(super) const fn are_followed(&self) -> bool {
        self.0.is_some()
    }

    /// Returns the newest store of another hart to any of the bytes.
    fn missed_by(&self, hart: usize, bytes: Bytes) -> Option<Store> {
        let mut stores = self.0.iter().flatten().rev();
        stores.find(|store| store.hart != hart && store.bytes.overlap(bytes)).copied()
    }
}

impl World {
    /// Notes that a hart loads bytes while another hart's store to some of them waits.
    #[cold]
    pub(super) fn note_late_store(&mut self, hart: &Hart, bytes: Bytes, address: u64) {
        let Some(store) = self.late.missed_by(hart.index, bytes) else { return };
        let held = self.memory.frame(bytes.frame);
        let used = held.word(bytes.word);
        self.uses.note(Use {
            liberty: Liberty::LateStore,
            event: self.choices.opportunities(Liberty::LateStore),
            hart: hart.index,
            pc: hart.pc,
            virtual_address: address,
            word: held.base() + 8 * bytes.word as u64,
            used,
            present: store.apply(used),
            writer: store.hart,
            writer_pc: store.pc,
        });
    }
}

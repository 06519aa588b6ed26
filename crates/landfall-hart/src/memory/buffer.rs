//! The stores of a hart that wait: others see them later, and out of order.

use super::Bytes;

/// The number of stores that wait at most.
const CAPACITY: usize = 8;

/// A store or a message that waits.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    /// The store or message.
    pub(crate) waiting: Waiting,
    /// The count of barriers before it: it leaves after all with a lower count.
    pub(crate) epoch: u64,
    /// It leaves at the latest when the hart has retired so many instructions.
    pub(crate) deadline: u64,
}

/// A store or a message in a buffer.
#[derive(Clone, Debug)]
pub(crate) enum Waiting {
    /// A store.
    Store(super::Store),
    /// A message of the firmware to another hart.
    Message {
        /// The index of the other hart.
        to: usize,
        /// The message.
        message: crate::message::Message,
        /// The newest store that the message comes after.
        after: u64,
    },
}

/// The stores and messages of a hart that wait, in the order of the program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffer {
    pending: Vec<Pending>,
    epoch: u64,
}

impl Buffer {
    /// Returns true if nothing waits.
    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Returns true if no store may wait besides.
    pub(crate) const fn is_full(&self) -> bool {
        self.pending.len() >= CAPACITY
    }

    /// Adds a barrier: stores before it leave before stores after it.
    pub(crate) const fn barrier(&mut self) {
        self.epoch += 1;
    }

    /// Adds what waits.
    pub(crate) fn push(&mut self, waiting: Waiting, deadline: u64) {
        let epoch = self.epoch;
        self.pending.push(Pending { waiting, epoch, deadline });
    }

    /// Returns true if a store to the bytes must wait for another one.
    pub(crate) fn orders(&self, bytes: Bytes) -> bool {
        self.pending.iter().any(|pending| pending.precedes(self.epoch, bytes))
    }

    /// Returns the instruction count at which the first store must leave.
    pub(crate) fn deadline(&self) -> u64 {
        self.pending.iter().map(|pending| pending.deadline).min().unwrap_or(u64::MAX)
    }

    /// Returns the stores that wait for any of the bytes, in the order of the program.
    pub(crate) fn stores_to(&self, bytes: Bytes) -> impl Iterator<Item = &super::Store> {
        self.pending.iter().filter_map(move |pending| match &pending.waiting {
            Waiting::Store(store) if store.bytes.overlap(bytes) => Some(store),
            _ => None,
        })
    }

    /// Takes the next that must leave so that all can leave whose deadline is at most `retired`.
    pub(crate) fn take_due(&mut self, retired: u64) -> Option<Pending> {
        let due = self.pending.iter().position(|pending| pending.deadline <= retired)?;
        Some(self.take_before(due))
    }

    /// Takes the next store that leaves before a store to the bytes: those to any of them, and
    /// those before a barrier.
    pub(crate) fn take_ordered(&mut self, bytes: Bytes) -> Option<Pending> {
        let due = self.pending.iter().position(|pending| pending.precedes(self.epoch, bytes))?;
        Some(self.take_before(due))
    }

    /// Takes the first of all.
    pub(crate) fn take_first(&mut self) -> Option<Pending> {
        if self.pending.is_empty() { None } else { Some(self.take_before(0)) }
    }

    /// Takes the first store.
    pub(crate) fn take_store(&mut self) -> Option<Pending> {
        let first = self.pending.iter().position(Pending::is_store)?;
        Some(self.pending.remove(first))
    }

    /// Returns a word as the hart's own stores to some of its bytes leave it.
    pub(crate) fn seen(&self, bytes: Bytes, memory: u64) -> u64 {
        self.stores_to(bytes).fold(memory, |value, store| store.apply(value))
    }

    /// Takes the first that must leave before the one at `index`, or that one.
    fn take_before(&mut self, index: usize) -> Pending {
        let wanted = &self.pending[index];
        let first = self.pending[..index].iter().position(|pending| match &wanted.waiting {
            Waiting::Store(store) => pending.precedes(wanted.epoch, store.bytes),
            // Device output, which no order of memory concerns. Messages keep theirs.
            Waiting::Message { .. } => !pending.is_store(),
        });
        match first {
            None => self.pending.remove(index),
            Some(first) => self.take_before(first),
        }
    }
}

impl Pending {
    const fn is_store(&self) -> bool {
        matches!(self.waiting, Waiting::Store(_))
    }

    /// Returns true for a store that leaves before one to the bytes with this count of barriers.
    fn precedes(&self, epoch: u64, bytes: Bytes) -> bool {
        match &self.waiting {
            Waiting::Store(store) => self.epoch < epoch || store.bytes.overlap(bytes),
            Waiting::Message { .. } => false,
        }
    }
}

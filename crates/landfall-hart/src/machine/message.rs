//! What the firmware makes one hart do for another.

use super::Machine;

/// What a call of the SBI asks of another hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// Start at a physical address, with `opaque` in `a1`.
    Start {
        /// The physical address.
        entry: u64,
        /// The value of `a1`.
        opaque: u64,
    },
    /// Set the supervisor software interrupt.
    Interrupt,
    /// Execute `fence.i`.
    FenceInstructions,
    /// Execute `sfence.vma`.
    FenceTranslations {
        /// The first address and the length in bytes, or all addresses.
        range: Option<(u64, u64)>,
        /// The ASID, or all address spaces.
        asid: Option<u64>,
    },
    /// Signal the SSE event.
    Event {
        /// Its number.
        number: u32,
    },
}

impl Machine {
    /// Sends a message to a hart. It arrives after the stores that `from` has fenced. Other stores of
    /// `from` may arrive later: a call orders nothing (liberty `UnorderedCall`).
    pub(crate) fn send(&mut self, _from: usize, _to: usize, _message: Message) {
        todo!()
    }

    /// Sends a message, and returns when the other hart has acted on it.
    pub(crate) fn send_and_wait(&mut self, _from: usize, _to: usize, _message: Message) {
        todo!()
    }
}

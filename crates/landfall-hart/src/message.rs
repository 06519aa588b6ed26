//! Requests of one hart to another, by the firmware.

/// A request of a call of the SBI to another hart.
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

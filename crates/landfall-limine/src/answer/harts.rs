//! The records of the harts. A hart other than the boot hart waits for an address in its own.

use landfall_paging::VirtAddr;

use crate::facts::{Facts, HartFacts};
use crate::refusal::Refusal;
use crate::room::Room;
use crate::words::WORD;

/// The record of a hart, by its address in the linear map.
///
/// ```text
/// offset  0  ACPI's id of the hart
///         8  the hart's id
///        16  the upper end of the hart's stack; the protocol reserves the word for the loader
///        24  the address at which the hart starts: 0 until the kernel writes it
///        32  a word of the kernel's own
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HartRecord {
    /// Its address, which the hart gets in `a0`.
    pub virt: VirtAddr,
}

impl HartRecord {
    /// Bytes of a record.
    pub const SIZE: u64 = 40;
    /// The offset of the upper end of the stack.
    pub const STACK: u64 = 16;
    /// The offset of the address at which the hart starts.
    pub const START: u64 = 24;
}

/// The records of all harts, which follow each other.
#[derive(Clone, Debug)]
pub(super) struct Records {
    first: VirtAddr,
    count: usize,
}

impl Records {
    pub(super) fn get(&self, index: usize) -> Option<HartRecord> {
        let virt = self.first.wrapping_add(HartRecord::SIZE.wrapping_mul(index as u64));
        (index < self.count).then_some(HartRecord { virt })
    }

    /// Writes the response.
    pub(super) fn respond(&self, facts: &Facts<'_>, room: &mut Room<'_>) -> VirtAddr {
        let records = room.pointers(self.first, HartRecord::SIZE, self.count);
        room.words([0, 0, facts.boot_hart, self.count as u64, records.get()])
    }
}

const _: () = assert!(HartRecord::SIZE == 5 * WORD as u64);

/// Writes the records.
pub(super) fn records(facts: &Facts<'_>, room: &mut Room<'_>) -> Result<Records, Refusal> {
    if facts.harts.iter().all(|hart| hart.id != facts.boot_hart) {
        return Err(Refusal::NoBootHart { hart: facts.boot_hart });
    }
    let words = |hart: &HartFacts| [hart.acpi_uid, hart.id, hart.stack.get(), 0, 0];
    let first = room.words(facts.harts.iter().flat_map(words));
    Ok(Records { first, count: facts.harts.len() })
}

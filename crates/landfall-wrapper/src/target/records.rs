//! The records by which the inner kernel starts harts: `struct lf_wrapped_hart`.

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::address::VirtAddr;

/// Bytes of a record.
///
/// ```text
/// 0 release, the address at which the hart goes on    16 id      32 bottom of its stack
/// 8 state, 1 if the hart waits                        24 unused  40 top of its stack
/// ```
pub(super) const RECORD_SIZE: usize = 6 * 8;
const STATE: u64 = 8;
const ID: u64 = 16;

/// The records of all harts.
#[derive(Clone, Copy, Debug)]
pub(super) struct HartRecords {
    first: VirtAddr,
    count: usize,
}

/// The record of a hart.
#[derive(Clone, Copy, Debug)]
pub(super) struct HartRecord(VirtAddr);

impl HartRecords {
    /// The records from `first` on. They lie in the boot information, in the linear map.
    pub(super) const fn new(first: VirtAddr, count: usize) -> Self {
        Self { first, count }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = HartRecord> {
        (0..self.count).map(move |number| HartRecord(self.first.wrapping_add((number * RECORD_SIZE) as u64)))
    }
}

impl HartRecord {
    pub(super) const fn address(self) -> VirtAddr {
        self.0
    }

    pub(super) fn id(self) -> u64 {
        self.word(ID).load(Ordering::Relaxed)
    }

    /// Returns true if the hart has left the wrapper.
    pub(super) fn waits(self) -> bool {
        self.word(STATE).load(Ordering::Acquire) != 0
    }

    fn word(self, offset: u64) -> &'static AtomicU64 {
        let place = self.0.wrapping_add(offset).get() as usize;
        // SAFETY: `plain` made this value: the word lies in the boot information, which no other
        // reference covers any more, and harts change it by whole stores.
        unsafe { AtomicU64::from_ptr(core::ptr::with_exposed_provenance_mut(place)) }
    }
}

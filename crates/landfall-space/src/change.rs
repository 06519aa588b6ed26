//! Changes of tables, and the fences that they need.

use core::sync::atomic::{AtomicU64, Ordering};

use landfall_paging::Fence;

/// A change of tables, before its fence.
#[derive(Clone, Copy, Debug)]
#[must_use = "its fence has not been executed"]
pub(crate) struct Change {
    fence: Fence,
    /// The number of changes that made tables, up to this one.
    made: u64,
}

impl Change {
    pub(crate) const fn fence(self) -> Fence {
        self.fence
    }
}

/// The tables that were made and not yet fenced.
///
/// A hart may keep the invalid entry in whose place a pointer to a new table is. A fence for single
/// addresses does not cover that entry. A later change may be a mapping in the new table, by
/// another hart. So each needs a fence for all addresses until one has been executed.
#[derive(Debug)]
pub(crate) struct Changes {
    made: AtomicU64,
    fenced: AtomicU64,
}

impl Changes {
    pub(crate) const fn new() -> Self {
        Self { made: AtomicU64::new(0), fenced: AtomicU64::new(0) }
    }

    /// Notes a change, and returns it with the fence that it needs now. The lock of the tables is
    /// held.
    pub(crate) fn note(&self, fence: Fence) -> Change {
        if fence == Fence::All {
            self.made.fetch_add(1, Ordering::Relaxed);
        }
        let made = self.made.load(Ordering::Relaxed);
        let is_fenced = self.fenced.load(Ordering::Acquire) == made;
        Change { fence: if is_fenced { fence } else { Fence::All }, made }
    }

    /// Notes that every hart has executed the fence of a change.
    pub(crate) fn done(&self, change: Change) {
        if change.fence == Fence::All {
            // The fence comes before it, for each hart that finds the number.
            self.fenced.fetch_max(change.made, Ordering::Release);
        }
    }
}

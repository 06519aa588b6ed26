//! Page tables through the linear map.

use landfall_paging::{Entry, PhysAddr, TableMemory, TableReader};

use super::super::takeover::{read_entry, write_entries};

/// The memory of tables. Only [`LiveMachine`](super::LiveMachine) has it, and only a
/// [`KernelSpace`](landfall_space::KernelSpace) has that: no other code can write through it.
#[derive(Clone, Copy, Debug)]
pub struct LiveTables {
    _private: (),
}

impl LiveTables {
    pub(super) const NEW: Self = Self { _private: () };
}

impl TableReader for LiveTables {
    fn read(&self, at: PhysAddr) -> Entry {
        // SAFETY: the space reads entries of its tables and of frames for tables alone.
        unsafe { read_entry(at) }
    }
}

impl TableMemory for LiveTables {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        // SAFETY: the space writes to its tables and to frames for tables alone.
        unsafe { write_entries(at, first, step, count) };
    }
}

//! The landing's tables, for kernels that build their own.

use landfall::address::PhysAddr;
use landfall::paging::{Entry, LandedTables};
use landfall_paging::MemoryType;
use spin::Mutex;

use super::entry::landing;
use super::memory::access_of;
use super::range::Range;

/// `struct lf_tables`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Tables {
    root: u64,
    frames: Range,
}

/// The tables, while the kernel has taken them and neither replaced nor kept them.
static TAKEN: Mutex<Option<LandedTables>> = Mutex::new(None);

/// Takes the tables for a part of this library, unless they were taken.
pub(super) fn take() -> Option<LandedTables> {
    landing().take_tables()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_take_tables(tables: *mut Tables) -> bool {
    let Some(taken) = take() else { return false };
    // SAFETY: the caller's.
    unsafe { tables.write(Tables { root: taken.root().get(), frames: taken.frames().into() }) };
    *TAKEN.lock() = Some(taken);
    true
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_give_up_tables() -> Range {
    let Some(taken) = TAKEN.lock().take() else { return Range::default() };
    // SAFETY: the caller's: each hart has left these tables, and has executed a fence.
    unsafe { taken.give_up() }.into()
}

#[unsafe(no_mangle)]
extern "C" fn lf_leaf(phys: u64, access: u32, memory: u32) -> u64 {
    let memory = if memory == 1 { MemoryType::Device } else { MemoryType::Ordinary };
    Entry::leaf(PhysAddr::new(phys), access_of(access)).of_type(memory, landing().plan().format).bits()
}

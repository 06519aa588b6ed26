//! RAM by its use, free memory, mappings.

use landfall::memory::{RamPart, RamUse};
use landfall::paging::{Access, Mapping as RustMapping};

use super::entry::landing;
use super::output::fill;
use super::range::Range;

/// `struct lf_ram_part`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Part {
    range: Range,
    usage: u32,
    unused: u32,
}

impl From<RamPart> for Part {
    fn from(part: RamPart) -> Self {
        let usage = match part.usage {
            RamUse::Free => 0,
            RamUse::Image => 1,
            RamUse::Tables => 2,
            RamUse::Stacks => 3,
            RamUse::Tree => 4,
            RamUse::Initrd => 5,
            RamUse::Crash => 6,
            RamUse::Firmware => 7,
            RamUse::Reserved => 8,
            // A use that this version does not know is no memory for the kernel.
            _ => 9,
        };
        Self { range: part.range.into(), usage, unused: 0 }
    }
}

/// `struct lf_mapping`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Mapping {
    virt: u64,
    phys: u64,
    size: u64,
    access: u32,
    unused: u32,
}

impl From<RustMapping> for Mapping {
    fn from(mapping: RustMapping) -> Self {
        let RustMapping { virt, phys, size, access } = mapping;
        Self { virt: virt.get(), phys: phys.get(), size, access: code(access), unused: 0 }
    }
}

/// Returns the value of `enum lf_access`.
const fn code(access: Access) -> u32 {
    match access {
        Access::ReadOnly => 0,
        Access::ReadWrite => 1,
        Access::ReadExecute => 2,
    }
}

/// Returns the access with a value of `enum lf_access`. An unknown value permits the least.
pub(super) const fn access_of(code: u32) -> Access {
    match code {
        1 => Access::ReadWrite,
        2 => Access::ReadExecute,
        _ => Access::ReadOnly,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_ram(parts: *mut Part, capacity: usize) -> usize {
    // SAFETY: the caller's.
    unsafe { fill(parts, capacity, landing().ram().map(Part::from)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_free_memory(ranges: *mut Range, capacity: usize) -> usize {
    // SAFETY: the caller's.
    unsafe { fill(ranges, capacity, landing().free_memory().map(Range::from)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_mappings(mappings: *mut Mapping, capacity: usize) -> usize {
    let all = landing().plan().mappings(landing().facts());
    // SAFETY: the caller's.
    unsafe { fill(mappings, capacity, all.map(Mapping::from)) }
}

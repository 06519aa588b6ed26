//! The live address space: mappings of the kernel's half, while it runs.

use core::mem::ManuallyDrop;

use landfall::address::{PhysRange, VirtRange};
use landfall::space::{
    Area as RustArea, DataAccess, Device as RustDevice, LiveMachine, LiveSpace, Memory, Placing, Region,
    SbiFences, SpaceOptions,
};
use spin::Once;
use zeroize::Zeroize;

use super::entry::landing;
use super::error::{Error, fail};
use super::frames::{Frames, Harts};
use super::range::Range;
use super::tables;

/// The address space of C kernels.
pub(super) type Space = LiveSpace<Frames, Harts>;

/// Its machine.
pub(super) type Machine = LiveMachine<Frames, Harts>;

static SPACE: Once<Space> = Once::new();

/// Returns the space, after `lf_space_begin`.
pub(super) fn space() -> &'static Space {
    SPACE.get().unwrap_or_else(|| panic!("the kernel has no live address space; call lf_space_begin first"))
}

/// `struct lf_space_options`.
#[derive(Debug)]
#[repr(C)]
struct Options {
    frames: Frames,
    current_hart: Option<extern "C" fn() -> u32>,
    pools: *const Range,
    pool_count: usize,
    seed: *mut [u8; 32],
}

/// The most pools.
const MAX_POOLS: usize = 8;

/// A value that the caller keeps, and that a function takes back.
#[repr(C)]
union Kept<T, const WORDS: usize> {
    words: [u64; WORDS],
    value: ManuallyDrop<T>,
}

impl<T, const WORDS: usize> Kept<T, WORDS> {
    const fn new(value: T) -> Self {
        const { assert!(size_of::<T>() <= size_of::<[u64; WORDS]>() && align_of::<T>() <= 8) };
        let mut kept = Self { words: [0; WORDS] };
        kept.value = ManuallyDrop::new(value);
        kept
    }

    /// Takes the value out.
    ///
    /// # Safety
    /// It was put in, and is taken once.
    unsafe fn take(&mut self) -> T {
        // SAFETY: the caller's.
        unsafe { ManuallyDrop::take(&mut self.value) }
    }
}

/// `struct lf_area`.
#[repr(C)]
struct Area {
    range: Range,
    memory: Range,
    kept: Kept<RustArea, 8>,
}

impl From<RustArea> for Area {
    fn from(area: RustArea) -> Self {
        Self { range: area.range().into(), memory: area.memory().into(), kept: Kept::new(area) }
    }
}

/// `struct lf_device`.
#[repr(C)]
struct Device {
    registers: Range,
    kept: Kept<RustDevice, 12>,
}

impl From<RustDevice> for Device {
    fn from(device: RustDevice) -> Self {
        Self { registers: device.registers().into(), kept: Kept::new(device) }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_space_begin(options: &Options, error: *mut Error) -> bool {
    let Some(tables) = tables::take() else {
        // SAFETY: the caller's.
        return unsafe { fail(error, "the landing's tables were taken already") };
    };
    let mut pools = [PhysRange::EMPTY; MAX_POOLS];
    let Some(pools) = pools.get_mut(..options.pool_count) else {
        // SAFETY: the caller's.
        return unsafe { fail(error, "there are too many pools; pass 8 at most") };
    };
    for (index, pool) in pools.iter_mut().enumerate() {
        // SAFETY: the caller's array has as many.
        *pool = unsafe { options.pools.add(index).read() }.phys();
    }
    // SAFETY: the caller's: the seed is null or 32 bytes.
    let placing = match unsafe { options.seed.as_mut() } {
        Some(seed) => {
            let placing = Placing::Random(*seed);
            seed.zeroize();
            placing
        }
        None => Placing::FirstFit,
    };
    let chosen = SpaceOptions { placing, pools };
    let harts = Harts(options.current_hart);
    match tables.into_space_with(options.frames, &chosen, harts, SbiFences::of(landing())) {
        Ok(space) => {
            SPACE.call_once(|| space);
            true
        }
        // SAFETY: the caller's.
        Err(reason) => unsafe { fail(error, reason) },
    }
}

/// Gives the result of an operation to the caller.
///
/// # Safety
/// `to` is the caller's to write, and `error` is null or so too.
unsafe fn give<T, E: core::fmt::Display>(
    result: Result<impl Into<T>, E>,
    to: *mut T,
    error: *mut Error,
) -> bool {
    match result {
        Ok(value) => {
            // SAFETY: the caller's.
            unsafe { to.write(value.into()) };
            true
        }
        // SAFETY: the caller's.
        Err(reason) => unsafe { fail(error, reason) },
    }
}

const fn data_access(code: u32) -> DataAccess {
    if code == 1 { DataAccess::ReadWrite } else { DataAccess::ReadOnly }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_map_device(registers: Range, device: *mut Device, error: *mut Error) -> bool {
    // SAFETY: the caller's.
    unsafe { give(space().map_device(registers.phys()), device, error) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_unmap_device(device: &mut Device, error: *mut Error) -> bool {
    // SAFETY: the caller's: the device was mapped, and is unmapped once.
    let mapped = unsafe { device.kept.take() };
    match space().unmap_device(mapped) {
        Ok(()) => true,
        // SAFETY: the caller's.
        Err(reason) => unsafe { fail(error, reason) },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_map(
    memory: Range,
    access: u32,
    region: u32,
    area: *mut Area,
    error: *mut Error,
) -> bool {
    let region = if region == 1 { Region::Near } else { Region::Dynamic };
    // SAFETY: the caller's: the memory is RAM that nothing else uses.
    let memory = unsafe { Memory::new(memory.phys()) };
    // SAFETY: the caller's.
    unsafe { give(space().map(memory, data_access(access), region), area, error) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_map_stack(memory: Range, area: *mut Area, error: *mut Error) -> bool {
    // SAFETY: the caller's: the memory is RAM that nothing else uses.
    let memory = unsafe { Memory::new(memory.phys()) };
    // SAFETY: the caller's.
    unsafe { give(space().map_stack(memory), area, error) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_protect(area: &mut Area, part: Range, access: u32, error: *mut Error) -> bool {
    // SAFETY: the caller's: the area is mapped.
    let mapped = unsafe { &mut *area.kept.value };
    let part: VirtRange = part.virt();
    match space().protect(mapped, part, data_access(access)) {
        Ok(flush) => match flush.complete() {
            Ok(()) => true,
            // SAFETY: the caller's.
            Err(reason) => unsafe { fail(error, reason) },
        },
        // SAFETY: the caller's.
        Err(reason) => unsafe { fail(error, reason) },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_unmap(area: &mut Area, error: *mut Error) -> bool {
    // SAFETY: the caller's: the area is mapped, and is unmapped once.
    let mapped = unsafe { area.kept.take() };
    match space().unmap(mapped) {
        Ok(withdrawal) => match withdrawal.complete() {
            Ok(memory) => {
                let _ = memory.into_range();
                true
            }
            // SAFETY: the caller's.
            Err(reason) => unsafe { fail(error, reason) },
        },
        Err(refused) => {
            // SAFETY: the caller's.
            let failed = unsafe { fail(error, &refused) };
            if let Some(still_mapped) = refused.returned {
                area.kept = Kept::new(still_mapped);
            }
            failed
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn lf_space_join() {
    space().join();
}

#[unsafe(no_mangle)]
extern "C" fn lf_space_serve() {
    space().serve();
}

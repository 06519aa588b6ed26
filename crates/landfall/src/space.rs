//! The live address space: it keeps what the landing guarantees for as long as the kernel runs.
//!
//! - Nothing writable is executable, at any address.
//! - Each mapping has a guard below and one above.
//! - No memory and no address is used again while a hart may still translate to it.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use landfall::Landing;
//! use landfall::address::{LinearAddr, PAGE_SIZE, PhysAddr, PhysRange};
//! use landfall::paging::Frames;
//! use landfall::space::{DataAccess, Memory, Placing, Region, SpaceOptions, Withdrawal};
//!
//! landfall::entry!(main);
//!
//! /// Frames out of free memory, one after the other.
//! struct Free(PhysRange);
//!
//! impl Free {
//!     fn pages(&mut self, count: u64) -> Option<PhysRange> {
//!         let pages = PhysRange::new(self.0.start(), count * PAGE_SIZE);
//!         self.0 = PhysRange::between(pages.end(), self.0.end());
//!         (self.0.size() != 0).then_some(pages)
//!     }
//! }
//!
//! // SAFETY: each page of free memory is returned once, and none is used again.
//! unsafe impl Frames for Free {
//!     fn take(&mut self) -> Option<PhysAddr> {
//!         self.pages(1).map(PhysRange::start)
//!     }
//!     fn give_back(&mut self, _: PhysAddr) {}
//! }
//!
//! fn main(landing: &'static Landing) -> ! {
//!     let Some(tables) = landing.take_tables() else { panic!("nothing else takes the tables") };
//!     let Some(free) = landing.free_memory().next() else { panic!("no memory is free") };
//!     let mut free = Free(free);
//!     let Some(pages) = free.pages(4) else { panic!("free memory is used up") };
//!     let options = SpaceOptions { placing: Placing::FirstFit, pools: &[] };
//!     let space = match tables.into_space(free, &options) {
//!         Ok(space) => space,
//!         Err(error) => panic!("{error}"),
//!     };
//!     // SAFETY: nothing else uses these pages.
//!     let memory = unsafe { Memory::new(pages) };
//!     let area = match space.map(memory, DataAccess::ReadWrite, Region::Dynamic) {
//!         Ok(area) => area,
//!         Err(refused) => panic!("{refused}"),
//!     };
//!     let first = area.range().start().get() as usize;
//!     let word: *mut u64 = core::ptr::with_exposed_provenance_mut(first);
//!     // SAFETY: the area maps this memory, readable and writable.
//!     unsafe { word.write_volatile(7) };
//!     let linear: *const u64 = LinearAddr::from_phys(area.memory().start()).as_ptr();
//!     // SAFETY: the linear map holds all RAM.
//!     assert_eq!(unsafe { linear.read_volatile() }, 7);
//!     // After the fence, no hart translates to the memory.
//!     match space.unmap(area).map(Withdrawal::complete) {
//!         Ok(Ok(_memory)) => landfall::exit(0),
//!         Ok(Err(error)) => panic!("{error}"),
//!         Err(refused) => panic!("{refused}"),
//!     }
//! }
//! ```

pub use landfall_space::{
    Area, Asid, Code, Constants, DataAccess, Device, Draft, Entered, Explanation, FenceFailed, FenceRequest,
    Flush, Ipi, KernelSpace, Kind, Mapped, Memory, Placing, Refused, Region, SpaceError, Uncached, UserSpace,
    Withdrawal,
};

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub use crate::machine::space::{
    CurrentHart, IpiFences, LandedStacks, LiveMachine, LiveSpace, RemoteFences, SbiFences, SbiIpi,
    SpaceOptions,
};

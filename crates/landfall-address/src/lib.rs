//! Typed addresses of a landed kernel: physical, virtual, in the linear map, in the image. Their
//! conversions load nothing.
//!
//! A kernel uses them as `landfall::address`. A module uses this crate:
//!
//! ```text
//! use landfall_address::{LinearAddr, PhysAddr};
//!
//! /// Returns the address at which a module reads physical memory.
//! fn readable(phys: PhysAddr) -> *const u8 {
//!     LinearAddr::from_phys(phys).as_ptr()
//! }
//! ```
//!
//! The numbers that conversions add are immediates in the code. They are patched before the code
//! runs: by the landing in a kernel, by `landfall-modules` in a module.

#![no_std]
#![cfg_attr(
    all(target_arch = "riscv64", not(any(unix, windows))),
    expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")
)]

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
#[doc(hidden)]
pub mod constants;
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
mod mapped;

pub use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange, VirtAddr, VirtRange};

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub use mapped::{ImageAddr, LinearAddr, virt_to_phys};

//! Addresses and ranges of them: physical, virtual, in the linear map, in the image.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use landfall::Landing;
//! use landfall::address::{ImageAddr, LinearAddr, virt_to_phys};
//!
//! landfall::entry!(main);
//!
//! static TABLE: [u64; 4] = [1, 2, 3, 4];
//!
//! fn main(_landing: &'static Landing) -> ! {
//!     // A static lies in the image. The image lies in RAM, and the linear map holds RAM.
//!     let phys = ImageAddr::from_ptr(&raw const TABLE).to_phys();
//!     let linear = LinearAddr::from_phys(phys);
//!     assert_eq!(linear.to_phys(), phys);
//!     // Ported code may hold an address of either kind.
//!     assert_eq!(virt_to_phys(linear.virt()), phys);
//!     landfall::exit(0)
//! }
//! ```

pub use landfall_address::{PAGE_SIZE, PhysAddr, PhysRange, VirtAddr, VirtRange};

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub use landfall_address::{ImageAddr, LinearAddr};

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub use crate::machine::{AddressError, virt_to_phys};

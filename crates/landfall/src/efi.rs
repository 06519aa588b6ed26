//! The EFI firmware that booted the kernel: its memory map, its system table.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use landfall::Landing;
//! use landfall::efi::Efi;
//!
//! landfall::entry!(main);
//!
//! fn main(landing: &'static Landing) -> ! {
//!     match landing.efi() {
//!         Some(efi) => list(efi),
//!         None => landfall::println!("another loader booted this kernel"),
//!     }
//!     landfall::exit(0)
//! }
//!
//! /// Lists the memory that a kernel maps before it calls runtime services.
//! fn list(efi: Efi<'_>) {
//!     for region in efi.runtime() {
//!         landfall::println!("{} is of type {}", region.range, region.kind);
//!     }
//! }
//! ```

pub use landfall_efi::{Cells, Efi, MemoryDescriptor, MemoryMap, MemoryMapError, MemoryUse, NextMapError};

//! From what EFI firmware knows to what a kernel that lands is given: a device tree.
//!
//! The part of the landing that runs under EFI firmware is a boot loader. It makes the same
//! promises as any other: a hart id, and a tree with memory, reservations, command line, initrd and
//! seeds. This crate has everything but the calls of firmware.
//!
//! ```text
//! memory       the memory map, and what each type of memory is to a kernel
//! text         load options, in UCS-2, as a command line
//! framebuffer  the framebuffer, as `simple-framebuffer`
//! boot         the input: all that firmware reported
//! tree         the tree: what stays of the firmware's, and what is written anew
//!   chosen       the properties of /chosen
//!   names        the names of properties that are written
//! acpi         a tree to begin with, where firmware has none and ACPI instead
//! efi          reading it back, for the kernel
//! handed_on    a tree of another kernel's, by kexec: what it lacks
//! next         the same for the next kernel, as Linux has it
//! refusal      why there can be no landing
//! ```
//!
//! Nothing here allocates, panics on input, or contains unsafe code.
//!
//! ```
//! use landfall_efi::{MemoryMap, MemoryUse};
//!
//! // One descriptor of UEFI's: 16 pages of conventional memory (type 7) at 0x80000000.
//! let fields = [7_u64, 0x8000_0000, 0, 16, 0xf];
//! let bytes: Vec<u8> = fields.into_iter().flat_map(u64::to_le_bytes).collect();
//! let map = MemoryMap::new(&bytes, 40)?;
//! let Some(memory) = map.iter().next() else { panic!("one descriptor") };
//! assert_eq!((memory.range.size(), memory.usable_as()), (64 << 10, MemoryUse::Free));
//! # Ok::<(), landfall_efi::MemoryMapError>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]

mod acpi;
mod boot;
mod chosen;
mod efi;
mod framebuffer;
mod handed_on;
mod memory;
mod names;
mod next;
mod refusal;
mod text;
mod tree;

pub use acpi::{Acpi, AcpiError, AcpiFault};
pub use boot::Boot;
pub use chosen::boot_hart;
pub use efi::Efi;
pub use framebuffer::{Framebuffer, Masks, PixelFormat, Pixels};
pub use handed_on::{Handed, HandedFault, Item, Loaded, Room};
pub use memory::{MemoryDescriptor, MemoryMap, MemoryMapError, MemoryUse};
pub use next::{Cells, NextMapError, is_acpi_alone, needs_acpi_on};
pub use refusal::{EfiRefusal, Exit, Instead};
pub use text::LoadOptions;
pub use tree::write_tree;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;

//! The loader's side of the Limine boot protocol on RISC-V, base revisions 3 to 6.
//!
//! [`Requests::find`] finds the requests in a loaded kernel. [`answer`] writes the responses into
//! memory that the loader provides, and their addresses into the requests. The crate neither maps
//! nor starts anything.
//!
//! ```text
//! feature    the features of the protocol, and their numbers
//! revision   base revisions, and the promises that differ between them
//! words      64-bit words in bytes
//! scan       the delimiters, the tag and the requests in a loaded kernel
//! requests   the values of the requests
//! modes      the paging modes that a kernel accepts
//! facts      all that the loader knows
//! memory     the memory map
//! room       the memory for responses
//! answer     the responses
//!   files    the kernel's file and its modules
//!   tables   the tables of firmware
//!   screen   the framebuffers
//!   harts    the records of the harts
//!   tree     the device tree, without its memory
//! ```
//!
//! The kernel is untrusted: an error states the rule that it breaks. Time is linear in the sizes of
//! the kernel and of the facts. No code panics on input or allocates.
//!
//! ```
//! use landfall_limine::{Facts, MemoryKind, MemoryRange, Requests, Room, answer, needed};
//! use landfall_paging::{PhysAddr, PhysRange, VirtAddr};
//!
//! // A kernel: its tag asks for base revision 3, and one request for the offset of the linear map.
//! let tag = [0xf956_2b2d_5c95_a6c8, 0x6a7b_3849_4453_6bdc, 3];
//! let common = [0xc7b1_dd30_df4c_8b88, 0x0a82_e883_a194_f07b];
//! let request = [0x48dc_f1cb_8ad2_b852, 0x6398_4e95_9a98_244b, 0, 0];
//! let words = tag.into_iter().chain(common).chain(request);
//! let mut kernel: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
//!
//! let requests = Requests::find(&kernel)?.expect("the kernel has a tag");
//! let facts = Facts { hhdm_offset: 0xffff_ffc0_0000_0000, ..Facts::UNKNOWN };
//! let mut memory = vec![0; needed(&requests, &kernel, &facts)?];
//! let start = VirtAddr::new(0xffff_ffc0_8000_0000);
//! answer(&requests, &mut kernel, &facts, &mut Room::new(&mut memory, start))?;
//!
//! // The response: a revision, and the offset.
//! assert_eq!(kernel[64..72], start.get().to_le_bytes());
//! assert_eq!(memory[8..16], facts.hhdm_offset.to_le_bytes());
//! # Ok::<(), landfall_limine::Refusal>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]

mod answer;
mod facts;
mod feature;
mod memory;
mod modes;
mod refusal;
mod requests;
mod revision;
mod room;
mod scan;
mod words;

pub use answer::{Answers, HartRecord, answer, needed};
pub use facts::{
    Channel, EfiMemoryMap, Executable, Facts, File, Firmware, Framebuffer, HartFacts, Loader, Performance,
    Smbios,
};
pub use feature::Feature;
pub use memory::{MemoryFault, MemoryKind, MemoryMap, MemoryRange};
pub use modes::PagingModes;
pub use refusal::Refusal;
pub use requests::Requests;
pub use revision::BaseRevision;
pub use room::Room;

#[cfg(test)]
extern crate std;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;

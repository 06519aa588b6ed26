//! RISC-V paging in sv39, sv48 and sv57: addresses, entries, a mapper, a walker and an editor.
//!
//! The terms and rules are those of the privileged specification, chapter "Supervisor-Level ISA"
//! (sections on `satp`, Sv39, Sv48 and Sv57). Table memory is reached only through [`TableMemory`].
//! So tables can be built for the machine that runs this code or, on a host, for another one.
//!
//! - [`PhysAddr`] and [`VirtAddr`] do not mix, nor do [`PhysRange`] and [`VirtRange`].
//! - [`Access`] has no value that is both writable and executable.
//! - [`Mapper`] takes mappings in ascending order and writes every entry of every table exactly
//!   once, with the largest leaves that fit.
//! - [`translate`] walks tables as a hart does.
//! - [`Editor`] changes tables that are in use: map, protect, unmap, and withdraw, which keeps
//!   memory until a fence. The mode is a value or, with the same code, fixed by a type.
//!
//! The crate contains no unsafe block. It declares contracts (`unsafe fn`, `unsafe trait`) where
//! tables may be those of the hart that runs the code.
//!
//! ```
//! use landfall_paging::{Access, Counting, LeafFormat, MapError, Mapper, Mapping, Mode};
//! use landfall_paging::{PhysAddr, VirtAddr};
//!
//! // The tables that 1 GiB takes in sv39: a root with one leaf. An offset of 2 MiB takes two more.
//! let tables = |phys: u64| -> Result<u64, MapError> {
//!     let root = PhysAddr::new(0);
//!     let mut mapper = Mapper::new(Mode::Sv39, LeafFormat::Plain, Counting, root, 64)?;
//!     mapper.map(Mapping {
//!         virt: VirtAddr::new(0xffff_ffc0_0000_0000).wrapping_add(phys % (1 << 30)),
//!         phys: PhysAddr::new(phys),
//!         size: 1 << 30,
//!         access: Access::ReadWrite,
//!     })?;
//!     Ok(mapper.finish().pages)
//! };
//! assert_eq!(tables(0x8000_0000)?, 1);
//! assert_eq!(tables(0x8020_0000)?, 3);
//! # Ok::<(), MapError>(())
//! ```

#![no_std]
#![deny(unsafe_code)]

mod addr;
mod count;
mod edit;
mod entry;
mod label;
mod leaf;
mod mapper;
mod memory;
mod mode;
mod range;
mod unmapped;
mod walk;

pub use addr::{PAGE_SIZE, PhysAddr, VirtAddr};
pub use count::TableCount;
pub use edit::{EditError, Editor, Fence, Frames, LeafKind, Levels, Sv39, Sv48, Sv57};
pub use entry::{Access, Entry, LeafFormat, MemoryType};
pub use label::Label;
pub use leaf::{LeafCount, LeafSize};
pub use mapper::{MapError, Mapper, Mapping, Tables, first_leaves};
pub use memory::{Counting, TableMemory, TableReader};
pub use mode::{Mode, Satp};
pub use range::{PhysRange, VirtRange};
pub use unmapped::Unmapped;
pub use walk::{Translation, deciding_entry, translate};

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;

//! Page tables: the modes, the tables that the kernel landed in, and the editor that changes them.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use landfall::Landing;
//! use landfall::address::{VirtAddr, VirtRange};
//! use landfall::paging::{Access, Mapping};
//!
//! landfall::entry!(main);
//!
//! fn main(landing: &'static Landing) -> ! {
//!     let Some(tables) = landing.take_tables() else { panic!("nothing else takes the tables") };
//!     let code = VirtAddr::new(main as *const () as u64);
//!     let holds_code =
//!         |mapping: &Mapping| VirtRange::new(mapping.virt, mapping.size).contains_address(code);
//!     let access = tables.mappings().find(holds_code).map(|mapping| mapping.access);
//!     assert_eq!(access, Some(Access::ReadExecute));
//!     landfall::exit(0)
//! }
//! ```

pub use landfall_paging::{
    Access, EditError, Editor, Entry, Fence, Frames, LeafCount, LeafFormat, LeafSize, Levels, Mapping, Mode,
    Satp, Translation,
};

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub use crate::machine::{LandedTables, LinearTables};

//! Modules: code that a running kernel loads and unloads, within reach of the kernel's own text. It
//! is never writable and executable, at any address.
//!
//! ```text
//! file          the relocatable ELF, as far as it is read
//! layout        the places of sections in three parts: text, constants, data
//! part          text, constants, data
//! float_abi     the registers that pass arguments
//! symbols       what each symbol is; imports are bound to exports
//! plan          sizes, PLT and GOT; what the loader finds in the file by name
//! reach         symbols that need an entry of the PLT or a slot of the GOT
//! entries       entries of the PLT and slots of the GOT
//! changes       each relocation with its value
//! relocation    the table of relocation types
//! field         filling a field of an instruction
//! load          the sequence: check, write, seal, publish
//! drafts        the memory of a module, and its end
//! modules       what is loaded, and who uses it
//! table         the loaded modules, for trap handlers and debuggers
//! module        the module's side: module!, param!, panics
//! ```
//!
//! The plan is pure: it is computed and checked before a byte is written. Then the bytes are
//! written at the linear address of their memory. After each hart has lost write permission, the
//! address space makes the text executable.

#![no_std]

mod changes;
mod drafts;
mod entries;
mod error;
mod exports;
mod field;
mod file;
mod float_abi;
mod imports;
mod layout;
mod load;
pub mod module;
mod modules;
mod name;
mod parameters;
mod part;
mod plan;
mod platform;
mod reach;
pub mod relocation;
mod symbols;
mod table;
pub mod texts;

pub use error::{LoadError, UnloadError};
#[doc(hidden)]
pub use exports::ExportRecord;
pub use exports::{Export, Exports};
pub use file::Needs;
pub use float_abi::FloatAbi;
pub use landfall_modules_macros::{export, import};
pub use layout::{SectionPlace, Sizes, layout, needs};
pub use modules::{Info, Kernel, ModuleId, Modules, Pages};
pub use name::Name;
pub use part::Part;
pub use plan::Workspace;
pub use platform::Platform;
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub use platform::ThisMachine;
pub use symbols::SymbolPlace;
pub use table::{CAPACITY, InModule, Table};

/// The most bytes of a module's name.
pub const MOST_NAME: usize = 55;

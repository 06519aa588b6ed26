//! Modules: their text sections, and the interface of a kernel or of another module.
//!
//! ```text
//! text        NUL-terminated strings, one after the other
//! name        names of modules
//! about       the section .landfall.module
//! exports     the records of .landfall.exports
//! interface   the exports and the build ID that a module is checked against
//! parameter   types of parameters
//! check       the findings
//! ```

mod about;
pub(crate) mod check;
mod exports;
mod interface;
mod name;
mod parameter;
mod text;

pub use about::{About, BuildId};
pub use interface::{Interface, InterfaceError};

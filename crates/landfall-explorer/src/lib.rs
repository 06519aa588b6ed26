//! One HTML file that shows an address space, and plans it anew as a user changes its settings.
//!
//! ```text
//! request       a plan to be made, as JSON
//!   kernel        the kernel's facts
//!   machine       the machine's facts: a virt machine, a board, a file of facts
//! answer        the plan, a refusal or a fault, as JSON
//!   command       the command line that prints the same plan
//! catalog       the choices of a form
//! recorded      a kernel and boards, for a page without any file
//! document      what a command puts into the page, checked as the page checks it
//! page          the file
//!   places        the places of documents and engine in it
//! ```
//!
//! The page contains this crate as WebAssembly, without the feature `page`. So a plan in the page
//! is made by the code of the command.

#![forbid(unsafe_code)]

mod answer;
mod base64;
mod catalog;
mod command;
#[cfg(feature = "page")]
pub mod document;
mod fault;
mod kernel;
mod machine;
#[cfg(feature = "page")]
pub mod page;
pub mod places;
pub mod recorded;
pub mod request;

pub use answer::{answer, predict};
pub use base64::Bytes;
pub use catalog::catalog;
pub use fault::Fault;

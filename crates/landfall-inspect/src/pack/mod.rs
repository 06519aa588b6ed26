//! Packs the relocations of a linked kernel: a RELR table takes the place of RELA.
//!
//! GNU's linker has no RELR on RISC-V. It writes a table with addends, and zeros into the words
//! that the table names. The kernel's scripts place that table where the RELR table belongs, and
//! leave bit 0 of the table's size set.
//!
//! ```text
//! RELA --plan--> words of slots and numbers, words of RELR --write--> the file, with its headers
//! ```
//!
//! RELR takes a third of the room at most. Zeros fill the rest, which nothing reads.

mod error;
mod headers;
mod plan;
mod write;

pub use error::PackError;

use crate::subject::Subject;

/// Packs the relocations of the ELF in `file`, and returns the changed file. Returns `None` if
/// there is nothing to pack: the linker has packed them, or the kernel is not one that applies RELR
/// alone.
///
/// # Errors
/// [`PackError`] names the first relocation that RELR cannot express, or the part of the file that
/// packing needs and does not find.
pub fn pack(file: &[u8]) -> Result<Option<Vec<u8>>, PackError> {
    let subject = Subject::read(file)?;
    let Some(plan) = plan::of(&subject)? else { return Ok(None) };
    write::apply(&subject, &plan).map(Some)
}

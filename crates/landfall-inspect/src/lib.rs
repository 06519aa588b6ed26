//! Verifies RISC-V 64 kernel images before they boot.
//!
//! ```text
//! bytes --subject--> Subject --inspect--> Inspection
//!
//! subject      a file: a landfall kernel or another, ELF or flat image; segments, symbols, slots
//! flat         the flat image of an ELF
//! pack         the relocations of an ELF, packed after the link
//! decode       instructions of RVA23 and further extensions
//! code         instructions: absolute addresses, the GOT, early code, patched constants
//! module       modules: everything about them that a kernel's file does not have
//! check        everything else: header, record, relocations, memory, policy
//! inspect      all checks of one file
//! inspection   their findings
//! hints        facts about a kernel that its file does not hold
//! finding      fact, place, cause and help
//! acceptance   accepted findings, with the reason
//! profile      kernels that are known: where their early code lies, and what in them is accepted
//! contain      panics of parsers, turned into errors
//! escape       foreign text, made safe to print
//! units        addresses and sizes
//! ```
//!
//! For any file: no panic, and time and memory within a fixed multiple of its size.
//! Debug information is read only for a printed finding (`Subject::place`).
//!
//! ```
//! use landfall_inspect::{Hints, Subject, inspect};
//!
//! // The boot header of Linux is all that this image has: it claims to take no memory.
//! let mut image = [0; 0x1000];
//! image[0x30..0x38].copy_from_slice(b"RISCV\0\0\0");
//! image[0x38..0x3c].copy_from_slice(b"RSC\x05");
//! let subject = Subject::read(&image)?;
//! let inspection = inspect(&subject, &Hints::default());
//! assert!(!inspection.findings().is_empty());
//! for finding in inspection.findings() {
//!     println!("{}: {}", finding.code, finding.found);
//! }
//! # Ok::<(), landfall_inspect::ReadError>(())
//! ```

#![forbid(unsafe_code)]

pub mod acceptance;
pub mod check;
pub mod code;
pub mod contain;
pub mod decode;
pub mod escape;
pub mod finding;
pub mod flat;
pub mod hints;
pub mod inspect;
pub mod inspection;
pub mod module;
pub mod pack;
pub mod profile;
pub mod subject;
pub mod units;

pub use acceptance::{Accepted, Judgement, PlacedFinding};
pub use escape::Escaped;
pub use finding::{Code, Finding, Place};
pub use hints::Hints;
pub use inspect::{inspect, inspect_tables};
pub use inspection::Inspection;
pub use profile::Profile;
pub use subject::{Kind, ReadError, Subject};
pub use units::Address;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;

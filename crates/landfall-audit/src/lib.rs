//! Audits the page tables of a RISC-V 64 machine: everything that is mapped, and what is wrong.
//!
//! ```text
//! memory     sources of physical memory: ELF cores, raw bytes, or a live machine of the caller's
//! root       roots: the tables that a satp names
//! search     roots by their looks, where no satp is known
//! format     extensions of entries
//! request    the roots to audit; limits bounds time and memory
//! walk       everything that one root maps, leaf by leaf
//! run        leaves that follow each other, in one piece
//! known      facts that tables do not contain; linux and plan state layouts
//! region     mappings as a person thinks of them, and larger leaves that could be there
//! check      findings about one mapping
//! alias      findings about frames with several addresses
//! finding    codes, explanations, findings
//! collect    the walks of all roots: runs and faults
//! audit      all of it
//! whole      all mappings of a root, also those that an earlier root lists
//! compare    an audit against a plan or another audit
//! text, json the output
//! ```
//!
//! For any memory, an audit ends: the numbers of tables, of their walks and of runs are limited.
//!
//! ```
//! use landfall_audit::memory::Raw;
//! use landfall_audit::{Code, Origin, Phys, Request, Root, audit};
//!
//! // One table in sv39, whose entry 256 is a leaf of 1 GiB: V, R, W, X, G, A and D.
//! let mut table = vec![0; 4096];
//! table[256 * 8..][..8].copy_from_slice(&0x2000_00ef_u64.to_le_bytes());
//! let mut memory = Raw::new(std::io::Cursor::new(table), Phys(0x8020_0000))?;
//!
//! let root = Root::from_satp(8 << 60 | 0x8020_0000 >> 12)?;
//! let request = Request { roots: vec![(root, Origin::Given)], ..Request::default() };
//! let audit = audit(&mut memory, &request);
//! assert_eq!(audit.roots[0].runs[0].phys, Phys(0x8000_0000));
//! assert!(audit.findings.codes().eq([Code::LeafWx]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod address;
mod alias;
mod attributes;
mod audit;
mod bytes;
mod check;
mod collect;
pub mod compare;
mod entry;
mod finding;
mod format;
mod inherited;
pub mod json;
mod kind;
mod known;
mod leaf;
mod limits;
pub mod linux;
pub mod memory;
pub mod plan;
pub mod region;
mod request;
mod root;
mod run;
pub mod search;
mod text;
pub mod walk;
mod whole;

pub use address::{PAGE, Phys, Span, Virt};
pub use attributes::{Attributes, MemoryType};
pub use audit::{Audit, RootAudit, Unchecked, audit};
pub use bytes::Bytes;
pub use finding::{Code, Explanation, Finding, Findings, KEPT, NoCode};
pub use format::{Format, Napot, Types, Updates};
pub use inherited::Inherited;
pub use kind::Kind;
pub use known::{Known, Layout, Named};
pub use leaf::{LeafCounts, LeafSize};
pub use limits::Limits;
pub use request::Request;
pub use root::{Mode, NotPaged, Origin, Root};
pub use run::Run;
pub use text::{Text, UserRegions};

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;

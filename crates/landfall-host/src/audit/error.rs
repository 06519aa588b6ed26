//! The errors of an audit.

use std::io;
use std::path::PathBuf;

use landfall_audit::memory::{CoreFileError, Missing};
use landfall_audit::plan::NoPlan;
use thiserror::Error;

use super::decided::NoDecisions;
use super::live::LiveError;
use crate::symbols::SymbolError;

/// Why there is no audit.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The live machine.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// The simulated machine.
    #[error("the memory of the simulated machine cannot be read: {0}")]
    Simulated(#[from] Missing),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file is no core.
    #[error("{} cannot be audited: {source}; name an ELF core, or raw memory with --base ADDR", .path.display())]
    Core {
        /// The file.
        path: PathBuf,
        /// The fault.
        source: CoreFileError,
    },
    /// A core that was named as raw memory.
    #[error("{} is an ELF core, and not raw memory; leave --base out", .path.display())]
    CoreAsRaw {
        /// The file.
        path: PathBuf,
    },
    /// No hart uses tables.
    #[error("no hart uses page tables: {harts}; audit later, or name a root with --satp")]
    NoRoots {
        /// Each hart, and the reason.
        harts: String,
    },
    /// A search found nothing.
    #[error("no page of {} looks like the root of page tables; name a root with --satp", .path.display())]
    NoneFound {
        /// The file.
        path: PathBuf,
    },
    /// The device tree.
    #[error("{} is not a device tree: {reason}", .path.display())]
    Tree {
        /// The file.
        path: PathBuf,
        /// The fault.
        reason: String,
    },
    /// The symbols.
    #[error(transparent)]
    Symbols(#[from] SymbolError),
    /// An ELF that is no Linux.
    #[error("{} has no symbols of Linux (_start and _end); name the vmlinux of the kernel", .path.display())]
    NoLinux {
        /// The file.
        path: PathBuf,
    },
    /// The file of a layout.
    #[error("{} has no layout: {source}", .path.display())]
    Layout {
        /// The file.
        path: PathBuf,
        /// The fault.
        source: NoPlan,
    },
    /// A machine whose kernel states no plan.
    #[error(
        "--against plan needs a kernel that landed by Landfall: {0}; name a plan or a saved audit by --against FILE"
    )]
    NoPlan(#[from] NoDecisions),
    /// The file of a comparison.
    #[error(
        "{} is neither a plan nor a saved audit: {reason}; write one with `plan --format json` or `audit --format json`", .path.display()
    )]
    Against {
        /// The file.
        path: PathBuf,
        /// The fault.
        reason: String,
    },
}

//! Sources of physical memory.
//!
//! ```text
//! core_file   an ELF core: QEMU's dump-guest-memory, or a copy of /proc/vmcore
//! raw         bytes of memory from one address on
//! ```

mod core_file;
mod raw;

use thiserror::Error;

use crate::address::{Phys, Span};

pub use core_file::{CoreFile, CoreFileError};
pub use raw::Raw;

/// The bytes of one page.
pub type Page = [u8; 4096];

/// A page that was not read yet.
pub(crate) const BLANK: Page = [0; 4096];

/// The physical memory of a machine that stands still, or of one that stood when it was saved.
pub trait Memory {
    /// Reads the page at `at`, a multiple of 4096.
    ///
    /// A table that several entries lead to is read for each of them. A source that changes, or
    /// that is slow, keeps what it has read.
    ///
    /// # Errors
    /// [`Missing`] if the source does not have all of the page.
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing>;

    /// Announces pages that are likely to be read next, in this order.
    ///
    /// The walk announces all tables below a table at once. A source with a cost for each request
    /// reads them in one, and keeps them. By default nothing happens.
    fn announce(&mut self, pages: &[Phys]) {
        let _ = pages;
    }

    /// Returns the physical addresses that the source has, in ascending order. A search for roots
    /// reads them.
    fn spans(&self) -> Vec<Span<Phys>>;
}

/// A page that a source does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Missing {
    /// The source has no such address.
    #[error("the source has no memory there")]
    Hole,
    /// The source ends within the page.
    #[error("the source ends within the page")]
    Short,
    /// The source failed.
    #[error("{0}")]
    Failed(String),
}

//! Translations with one possible result, found by one comparison.

use super::Translations;
use crate::access::Access;
use crate::memory::FrameId;

/// The number of pages for each kind of access.
const PAGES: usize = 256;

/// A direct-mapped table for each kind of access.
#[derive(Clone, Debug)]
pub(super) struct Quick {
    pages: Box<[[Page; PAGES]; 3]>,
    /// The bits above the page number: they differ by privilege, SUM and MXR.
    context: u64,
    /// The generation of memory for which the table is right.
    generation: u64,
    /// The last walk had one possible result.
    certain: bool,
}

#[derive(Clone, Copy, Debug)]
struct Page {
    tag: u64,
    frame: FrameId,
}

const EMPTY: Page = Page { tag: 0, frame: FrameId::new(0) };
/// Set in each tag in use.
const IN_USE: u64 = 1 << 63;

impl Default for Quick {
    fn default() -> Self {
        Self { pages: Box::new([[EMPTY; PAGES]; 3]), context: IN_USE, generation: 0, certain: false }
    }
}

impl Quick {
    pub(super) fn forget(&mut self) {
        for pages in self.pages.iter_mut() {
            pages.fill(EMPTY);
        }
    }
}

impl Translations {
    /// Returns the frame of an address if its translation is in the table.
    #[inline]
    pub(crate) fn quick(&self, access: Access, address: u64) -> Option<FrameId> {
        let page = &self.quick.pages[access as usize][slot(address)];
        (page.tag == (self.quick.context | address >> 12)).then_some(page.frame)
    }

    /// Keeps the translation of the last walk, if it had one possible result.
    pub(crate) fn keep_quick(&mut self, access: Access, address: u64, frame: FrameId) {
        if self.quick.certain {
            let tag = self.quick.context | address >> 12;
            self.quick.pages[access as usize][slot(address)] = Page { tag, frame };
        }
    }

    /// Forgets the table.
    pub(crate) fn forget_quick(&mut self) {
        self.quick.forget();
    }

    /// Prepares the table for a context (privilege, SUM and MXR, less than 2048) and a generation
    /// of memory.
    pub(crate) fn prepare(&mut self, context: u64, generation: u64) {
        self.quick.context = IN_USE | context << 52;
        if self.quick.generation != generation {
            self.quick.generation = generation;
            self.quick.forget();
        }
    }

    /// Notes whether a walk had one possible result.
    pub(super) const fn set_certain(&mut self, certain: bool) {
        self.quick.certain = certain;
    }
}

#[inline]
const fn slot(address: u64) -> usize {
    (address >> 12) as usize & (PAGES - 1)
}

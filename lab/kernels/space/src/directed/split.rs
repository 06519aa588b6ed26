//! A large leaf is split.

use core::sync::atomic::Ordering;

use landfall::address::{PAGE_SIZE, PhysRange, VirtAddr, VirtRange};
use landfall::space::{DataAccess, Memory, Region};

use super::{PLACE, Round};
use crate::machine::CHANGED_PAGE;
use crate::{probe, store};

impl Round {
    /// A page of a large leaf loses write permission, while other harts use another page of it.
    pub(super) fn split(mut self, pages: u64) {
        let mut area = self.changes.then(|| self.take_aligned(pages)).flatten().map(|memory| {
            let area = self.space.map(memory, DataAccess::ReadWrite, Region::Dynamic);
            area.unwrap_or_else(|refused| panic!("{refused}"))
        });
        if self.changes {
            PLACE.store(area.as_ref().map_or(0, |area| area.range().start().get()), Ordering::Relaxed);
        }
        self.meet();
        let at = PLACE.load(Ordering::Relaxed);
        if at == 0 {
            return self.meet();
        }
        // Its entry is among the last that the split writes.
        let word = at + (pages - 2) * PAGE_SIZE + 8 * (1 + self.hart.get());
        let store = || {
            // SAFETY: the page is the round's, and the word this hart's.
            assert!(unsafe { probe::can_store(word, at) }, "the page beside a change cannot be written");
        };
        // A table whose entries have not arrived leads elsewhere, where a store may succeed too.
        let use_page = || {
            assert_eq!(probe::load(word), Some(at), "the page beside a change is another one");
            store();
        };
        store();
        if let Some(area) = &mut area {
            self.linger(64);
            let page = VirtRange::new(VirtAddr::new(at + CHANGED_PAGE * PAGE_SIZE), PAGE_SIZE);
            let flush = self.space.protect(area, page, DataAccess::ReadOnly);
            flush.and_then(|flush| Ok(flush.complete()?)).unwrap_or_else(|error| panic!("{error}"));
            self.complete(0);
        }
        self.until(0, use_page);
        for _ in 0..4 {
            use_page();
            // SAFETY: the store must fault.
            let stored = unsafe { probe::can_store(at + CHANGED_PAGE * PAGE_SIZE + 8, 0) };
            assert!(!stored, "a store to a page of a leaf that became R--");
        }
        self.meet();
        if let Some(area) = area {
            let withdrawal = self.space.unmap(area).unwrap_or_else(|refused| panic!("{refused}"));
            store::give_back(withdrawal.complete().unwrap_or_else(|error| panic!("{error}")));
        }
        self.meet();
    }

    /// Takes memory for one leaf. `None` if the store has none.
    fn take_aligned(&mut self, pages: u64) -> Option<Memory> {
        let is_aligned = |range: PhysRange| range.start().is_aligned(pages * PAGE_SIZE);
        let mut tried = [const { None }; 8];
        let mut found = None;
        for place in &mut tried {
            match store::take(&mut self.random, pages..=pages) {
                Some(memory) if is_aligned(memory.range()) => {
                    found = Some(memory);
                    break;
                }
                other => *place = other,
            }
        }
        tried.into_iter().flatten().for_each(store::give_back);
        found
    }
}

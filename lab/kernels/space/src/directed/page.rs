//! A page loses write permission, and then its translation.

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::space::{DataAccess, Region};

use super::{HARTS, PLACE, Round};
use crate::{probe, store};

/// The last number that each hart has stored into its word of the page.
static STORED: [AtomicU64; HARTS] = [const { AtomicU64::new(0) }; HARTS];

impl Round {
    /// A page loses write permission, and then its translation. Its table ends too.
    ///
    /// After the first change, the page holds all that other harts could store.
    pub(super) fn withdraw(mut self) {
        let mut area = self.changes.then(|| {
            let memory = self.take(1..=1);
            let area = self.space.map(memory, DataAccess::ReadWrite, Region::Dynamic);
            let area = area.unwrap_or_else(|refused| panic!("{refused}"));
            PLACE.store(area.range().start().get(), Ordering::Relaxed);
            area
        });
        self.meet();
        let at = PLACE.load(Ordering::Relaxed);
        let word_of = |hart: u64| at + 8 * (1 + hart);
        let mut stored = 0;
        let mut can_store = || {
            // SAFETY: the page is the round's, and the word this hart's.
            let could = unsafe { probe::can_store(word_of(self.hart.get()), stored + 1) };
            stored += u64::from(could);
            could
        };
        let mut found = [None; HARTS];
        if let Some(area) = &mut area {
            assert!(can_store(), "a new mapping cannot be written");
            let range = area.range();
            let flush = self.space.protect(area, range, DataAccess::ReadOnly);
            flush.and_then(|flush| Ok(flush.complete()?)).unwrap_or_else(|error| panic!("{error}"));
            found = core::array::from_fn(|hart| probe::load(word_of(hart as u64)));
            self.complete(0);
        } else {
            can_store();
        }
        self.until(0, || _ = can_store());
        assert!(!can_store(), "a store to R--");
        STORED[self.hart.get() as usize].store(stored, Ordering::Relaxed);
        self.meet();
        if let Some(area) = area {
            for (stored, found) in STORED.iter().zip(found).take(self.harts) {
                let stored = stored.load(Ordering::Relaxed);
                assert!(stored == 0 || found == Some(stored), "a store before a fence came behind it");
            }
            let withdrawal = self.space.unmap(area).unwrap_or_else(|refused| panic!("{refused}"));
            store::give_back(withdrawal.complete().unwrap_or_else(|error| panic!("{error}")));
            self.complete(1);
        }
        self.until(1, || _ = probe::can_load(at));
        assert!(!probe::can_load(at), "a mapping that was withdrawn can be read");
        self.meet();
    }
}

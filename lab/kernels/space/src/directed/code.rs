//! Code is replaced.

use core::sync::atomic::Ordering;

use landfall::address::VirtAddr;
use landfall::space::Region;

use super::{PLACE, Round};
use crate::{held, store};

impl Round {
    /// Code is replaced by other code in the same memory.
    pub(super) fn rewrite_code(mut self) {
        let mut memory = self.changes.then(|| self.take(1..=1));
        for change in 0..2 {
            let number = 1 + self.number as u32 % 500 + 500 * change as u32;
            let code = memory.take().map(|memory| {
                let draft = self.space.draft(memory, Region::Dynamic);
                let draft = draft.unwrap_or_else(|refused| panic!("{refused}"));
                let writable = draft.writable().start().get() as usize;
                let word = core::ptr::with_exposed_provenance_mut::<u64>(writable);
                // SAFETY: the draft is this hart's, and writable there.
                unsafe { word.write_volatile(held::instructions(number)) };
                let code = self.space.make_executable(draft).unwrap_or_else(|refused| panic!("{refused}"));
                PLACE.store(code.range().start().get(), Ordering::Relaxed);
                self.complete(change);
                code
            });
            self.until(change, || ());
            let at = VirtAddr::new(PLACE.load(Ordering::Relaxed));
            assert_eq!(held::call(at), u64::from(number), "other code");
            self.meet();
            memory = code.map(|code| {
                // SAFETY: no other hart looks at it any more.
                let draft = unsafe { self.space.make_writable(code) };
                self.space.discard(draft.unwrap_or_else(|refused| panic!("{refused}")))
            });
        }
        memory.into_iter().for_each(store::give_back);
        self.meet();
    }
}

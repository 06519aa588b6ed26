//! Rounds in which each fence decides. Harts use a translation, or code. One of them changes it.
//! Then all look again: no hart may have kept the past.

use core::hint::spin_loop;
use core::ops::RangeInclusive;
use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use landfall::address::{LinearAddr, PAGE_SIZE, PhysRange, VirtAddr, VirtRange};
use landfall::paging::Access;
use landfall::space::{DataAccess, Memory, Region, UserSpace};
use landfall::{HartIndex, Landing};

use crate::machine::{CHANGED_PAGE, Live, Space};
use crate::random::Random;
use crate::{held, meeting, probe, store};

/// The address of user memory: a page of its own in each address space.
const USER: u64 = 0x40_0000;

/// The address of a round; 0 if the round has none.
static PLACE: AtomicU64 = AtomicU64::new(0);
/// The address space of a round.
static SHARED: AtomicPtr<UserSpace<'static, Live>> = AtomicPtr::new(core::ptr::null_mut());
/// The number of the last change that is complete.
static COMPLETE: AtomicU64 = AtomicU64::new(0);

/// A hart in a round.
struct Round {
    space: &'static Space,
    hart: HartIndex,
    harts: usize,
    /// The number of the round's first change.
    number: u64,
    random: Random,
    changes: bool,
}

/// Does `rounds` rounds.
pub(crate) fn run(
    landing: &'static Landing,
    space: &'static Space,
    hart: HartIndex,
    [rounds, seed]: [u64; 2],
) {
    let online = landing.online_harts();
    let harts = online.len();
    for number in 0..rounds {
        let drawn = number.wrapping_add(seed.wrapping_mul(0x9e37_79b9)) as usize;
        let changes = online.iter().nth(drawn / 5 % harts) == Some(hart);
        let random = Random::new((seed << 16 | number).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let round = Round { space, hart, harts, number: 4 * number + 1, random, changes };
        match number % 5 {
            0 => round.withdraw(),
            1 => round.rewrite_code(),
            2 => round.withdraw_from_user(),
            3 => round.split(16),
            _ => round.split(512),
        }
    }
}

impl Round {
    fn meet(&self) {
        meeting::meet(self.hart, self.harts, meeting::Moment::Between);
    }

    /// Notes a change of the round.
    fn complete(&self, change: u64) {
        COMPLETE.store(self.number + change, Ordering::Release);
    }

    /// Calls `work` again and again until a change of the round is complete.
    fn until(&self, change: u64, mut work: impl FnMut()) {
        while COMPLETE.load(Ordering::Acquire) < self.number + change {
            work();
            self.space.serve();
            spin_loop();
        }
    }

    /// Takes memory that only this hart looks for.
    fn take(&mut self, pages: RangeInclusive<u64>) -> Memory {
        loop {
            if let Some(memory) = store::take(&mut self.random, pages.clone()) {
                return memory;
            }
        }
    }

    /// Lets other harts work before a change.
    fn linger(&mut self) {
        for _ in 0..self.random.below(64) {
            spin_loop();
        }
    }

    /// A page loses write permission, and then its translation. Its table ends too.
    fn withdraw(mut self) {
        let mut area = self.changes.then(|| {
            let memory = self.take(1..=1);
            let area = self.space.map(memory, DataAccess::ReadWrite, Region::Dynamic);
            let area = area.unwrap_or_else(|refused| panic!("{refused}"));
            PLACE.store(area.range().start().get(), Ordering::Relaxed);
            area
        });
        self.meet();
        let at = PLACE.load(Ordering::Relaxed);
        // SAFETY: the page is the round's.
        let can_store = || unsafe { probe::can_store(at + 8 * (1 + self.hart.get()), 1) };
        if let Some(area) = &mut area {
            assert!(can_store(), "a new mapping cannot be written");
            let range = area.range();
            let flush = self.space.protect(area, range, DataAccess::ReadOnly);
            flush.and_then(|flush| Ok(flush.complete()?)).unwrap_or_else(|error| panic!("{error}"));
            self.complete(0);
        }
        self.until(0, || _ = can_store());
        assert!(!can_store(), "a store to R--");
        self.meet();
        if let Some(area) = area {
            let withdrawal = self.space.unmap(area).unwrap_or_else(|refused| panic!("{refused}"));
            store::give_back(withdrawal.complete().unwrap_or_else(|error| panic!("{error}")));
            self.complete(1);
        }
        self.until(1, || _ = probe::can_load(at));
        assert!(!probe::can_load(at), "a mapping that was withdrawn can be read");
        self.meet();
    }

    /// Code is replaced by other code in the same memory.
    fn rewrite_code(mut self) {
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

    /// A page of an address space is withdrawn while other harts enter it. The next such round
    /// finds the same ASID, with other memory.
    fn withdraw_from_user(mut self) {
        let word = self.number << 8 | 1;
        let user = self.changes.then(|| {
            let memory = self.take(1..=1);
            let linear = LinearAddr::from_phys(memory.range().start()).as_ptr::<u64>();
            // SAFETY: the memory is this hart's, and the linear map holds it.
            unsafe { linear.write_volatile(word) };
            let user = self.space.user_space().unwrap_or_else(|error| panic!("{error}"));
            let mapped = user.map(VirtAddr::new(USER), memory, Access::ReadWrite);
            mapped.unwrap_or_else(|refused| panic!("{refused}"));
            user
        });
        if let Some(user) = &user {
            SHARED.store((&raw const *user).cast_mut(), Ordering::Release);
        }
        self.meet();
        // SAFETY: the hart that changes keeps it up to the end of the round.
        let shared = unsafe { &*SHARED.load(Ordering::Acquire) };
        if user.is_some() {
            self.linger();
        }
        let entered = shared.enter();
        let check = || {
            let found = probe::load_from_user(USER);
            assert!(found.is_none_or(|found| found == word), "user memory holds {found:x?}, not {word:#x}");
            found
        };
        if let Some(user) = &user {
            assert!(check().is_some(), "user memory is not mapped");
            let page = VirtRange::new(VirtAddr::new(USER), PAGE_SIZE);
            user.unmap(page, store::give_back).unwrap_or_else(|error| panic!("{error}"));
            self.complete(0);
        }
        self.until(0, || _ = check());
        assert!(check().is_none(), "user memory that was withdrawn can be read");
        drop(entered);
        self.meet();
        if let Some(user) = user {
            let destroyed = user.destroy(store::give_back);
            destroyed.unwrap_or_else(|refused| panic!("{refused}"));
        }
        self.meet();
    }

    /// A page of a large leaf loses write permission, while other harts use another page of it.
    fn split(mut self, pages: u64) {
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
        let use_page = || {
            // SAFETY: the page is the round's, and the word this hart's.
            assert!(unsafe { probe::can_store(word, at) }, "the page beside a change cannot be written");
            assert_eq!(probe::load(word), Some(at), "the page beside a change is another one");
        };
        use_page();
        if let Some(area) = &mut area {
            self.linger();
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

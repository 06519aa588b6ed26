//! Address spaces of user mode.

use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use landfall::address::{LinearAddr, PAGE_SIZE, VirtAddr, VirtRange};
use landfall::paging::Access;
use landfall::space::{SpaceError, UserSpace};

use super::{HARTS, Round};
use crate::machine::Live;
use crate::{probe, store};

/// The address of user memory: two pages of its own in each address space.
const USER: u64 = 0x40_0000;
/// The page that stays up to the end of the address space.
const LAST: u64 = USER + PAGE_SIZE;

/// The address space of a round.
static SHARED: AtomicPtr<UserSpace<'static, Live>> = AtomicPtr::new(core::ptr::null_mut());

/// Address spaces that each hart makes at the same time as the others.
const EACH: usize = 2;
/// Their roots.
static ROOTS: [AtomicU64; EACH * HARTS] = [const { AtomicU64::new(0) }; EACH * HARTS];

impl Round {
    /// A page of an address space is withdrawn while other harts enter it. The next address space
    /// has the same ASID, with other memory.
    pub(super) fn withdraw_from_user(mut self) {
        for change in 0..2 {
            self.withdraw_from_one(change);
        }
    }

    fn withdraw_from_one(&mut self, change: u64) {
        let word = (self.number + change) << 8 | 1;
        let user = self.changes.then(|| self.make_user(word));
        if let Some(user) = &user {
            SHARED.store((&raw const *user).cast_mut(), Ordering::Release);
        }
        self.meet();
        // SAFETY: the hart that changes keeps it up to the end of the round.
        let shared = unsafe { &*SHARED.load(Ordering::Acquire) };
        // Some harts enter while the page is withdrawn.
        self.linger(if user.is_some() { 64 } else { 1024 });
        let entered = shared.enter();
        let check = || {
            let last = probe::load_from_user(LAST);
            assert_eq!(last, Some(word), "the page of user memory that stays");
            let found = probe::load_from_user(USER);
            assert!(found.is_none_or(|found| found == word), "user memory holds {found:x?}, not {word:#x}");
            found
        };
        if let Some(user) = &user {
            assert!(check().is_some(), "user memory is not mapped");
            let page = VirtRange::new(VirtAddr::new(USER), PAGE_SIZE);
            user.unmap(page, store::give_back).unwrap_or_else(|error| panic!("{error}"));
            self.complete(change);
        }
        self.until(change, || _ = check());
        assert!(check().is_none(), "user memory that was withdrawn can be read");
        drop(entered);
        self.meet();
        if let Some(user) = user {
            let destroyed = user.destroy(store::give_back);
            destroyed.unwrap_or_else(|refused| panic!("{refused}"));
        }
        self.meet();
    }

    /// Makes an address space, whose two pages hold `word`.
    fn make_user(&mut self, word: u64) -> UserSpace<'static, Live> {
        let user = self.space.user_space().unwrap_or_else(|error| panic!("{error}"));
        for at in [USER, LAST] {
            let memory = self.take(1..=1);
            let linear = LinearAddr::from_phys(memory.range().start()).as_ptr::<u64>();
            // SAFETY: the memory is this hart's, and the linear map holds it.
            unsafe { linear.write_volatile(word) };
            let mapped = user.map(VirtAddr::new(at), memory, Access::ReadWrite);
            mapped.unwrap_or_else(|refused| panic!("{refused}"));
        }
        user
    }

    /// All harts make address spaces at the same time: each takes frames and ASIDs that the lock
    /// guards.
    pub(super) fn contend(self) {
        self.meet();
        let users: [_; EACH] = core::array::from_fn(|_| match self.space.user_space() {
            Ok(user) => Some(user),
            Err(SpaceError::OutOfAsids) => None,
            Err(error) => panic!("{error}"),
        });
        let own = &ROOTS[self.hart.get() as usize * EACH..][..EACH];
        for (root, user) in own.iter().zip(&users) {
            root.store(user.as_ref().map_or(0, |user| user.root().get()), Ordering::Relaxed);
        }
        self.meet();
        for root in own.iter().map(|root| root.load(Ordering::Relaxed)).filter(|root| *root != 0) {
            let same = ROOTS.iter().filter(|other| other.load(Ordering::Relaxed) == root);
            assert_eq!(same.count(), 1, "address spaces with one root {root:#x}");
        }
        self.meet();
        for user in users.into_iter().flatten() {
            let destroyed = user.destroy(store::give_back);
            destroyed.unwrap_or_else(|refused| panic!("{refused}"));
        }
        self.meet();
    }
}

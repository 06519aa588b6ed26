//! The bytes of the pool, and the work that is done on them.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use landfall_modules::{Pages, Platform};
use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange, VirtAddr};
use landfall_space::Memory;

use super::machine::{Live, POOL, POOL_SIZE};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    bytes: Vec<u8>,
    taken: Vec<bool>,
}

#[derive(Debug)]
struct Inner {
    state: State,
    /// Bytes that may still be loaded and stored.
    work: u64,
}

/// The platform on which modules are loaded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    live: Live,
    inner: &'static Mutex<Inner>,
}

impl Words {
    pub(super) fn new(live: Live) -> Self {
        let size = usize::try_from(POOL_SIZE).expect("small");
        let state = State { bytes: vec![0; size], taken: vec![false; size / 4096] };
        Self { live, inner: Box::leak(Box::new(Mutex::new(Inner { state, work: u64::MAX }))) }
    }

    fn lock(&self) -> MutexGuard<'static, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Permits `work` bytes to be loaded and stored.
    pub(super) fn begin(&self, work: u64) {
        self.lock().work = work;
    }

    pub(super) fn state(&self) -> State {
        self.lock().state.clone()
    }

    fn for_each_piece(&self, at: VirtAddr, size: usize, mut f: impl FnMut(&mut [u8], Range<usize>)) {
        let mut done = 0;
        while done < size {
            let virt = at.wrapping_add(done as u64);
            let end = size.min(done + usize::try_from(PAGE_SIZE - virt.get() % PAGE_SIZE).expect("small"));
            let phys = self.live.translate(virt).expect("it is mapped");
            let start = usize::try_from(phys.checked_sub(POOL).expect("in the pool")).expect("small");
            let mut inner = self.lock();
            let work = inner.work.checked_sub((end - done) as u64 + 64);
            inner.work = work.expect("a file takes bounded work");
            f(&mut inner.state.bytes[start..start + (end - done)], done..end);
            done = end;
        }
    }
}

// SAFETY: it is a model; no memory of this process depends on it.
unsafe impl Platform for Words {
    unsafe fn store(&self, at: VirtAddr, bytes: &[u8]) {
        self.for_each_piece(at, bytes.len(), |memory, piece| memory.copy_from_slice(&bytes[piece]));
    }

    unsafe fn load(&self, at: VirtAddr, bytes: &mut [u8]) {
        self.for_each_piece(at, bytes.len(), |memory, piece| bytes[piece].copy_from_slice(memory));
    }

    unsafe fn initialize(&self, function: VirtAddr) -> i32 {
        self.live.translate(function).expect("it is mapped");
        0
    }

    unsafe fn exit(&self, function: VirtAddr) {
        self.live.translate(function).expect("it is mapped");
    }
}

/// The pages of the pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool(pub(super) Words);

impl Pages for Pool {
    fn take(&mut self, pages: u64) -> Option<Memory> {
        let count = usize::try_from(pages).ok()?;
        let taken = &mut self.0.lock().state.taken;
        let start = taken.windows(count).position(|pages| pages.iter().all(|taken| !taken))?;
        taken[start..start + count].fill(true);
        let range = PhysRange::new(PhysAddr::new(POOL + start as u64 * PAGE_SIZE), pages * PAGE_SIZE);
        // SAFETY: it is no memory of this process, and nothing else has it.
        Some(unsafe { Memory::new(range) })
    }

    fn give_back(&mut self, memory: Memory) {
        let range = memory.into_range();
        let page = |at: PhysAddr| usize::try_from((at.get() - POOL) / PAGE_SIZE).expect("small");
        self.0.lock().state.taken[page(range.start())..page(range.end())].fill(false);
    }
}

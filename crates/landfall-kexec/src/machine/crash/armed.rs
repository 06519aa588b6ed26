//! The crash kernel that is loaded, in statics.

use core::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use landfall::Landing;

use crate::crash::SaveArea;

/// The numbers that the jump needs. Addresses are physical.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jump {
    pub(super) tree: u64,
    pub(super) list: u64,
    pub(super) entry: u64,
    pub(super) copier: u64,
    pub(super) satp: u64,
}

/// The jump, and the state of the load.
struct Armed {
    state: AtomicU64,
    words: [AtomicU64; 5],
    landing: AtomicPtr<Landing>,
    areas: AtomicPtr<SaveArea>,
    count: AtomicUsize,
}

const LOADING: u64 = 1;
const READY: u64 = 2;

static ARMED: Armed = Armed {
    state: AtomicU64::new(0),
    words: [const { AtomicU64::new(0) }; 5],
    landing: AtomicPtr::new(core::ptr::null_mut()),
    areas: AtomicPtr::new(core::ptr::null_mut()),
    count: AtomicUsize::new(0),
};

/// The right to load.
pub(super) struct Loading(());

impl Drop for Loading {
    /// After a failure, another load may try.
    fn drop(&mut self) {
        let _ = ARMED.state.compare_exchange(LOADING, 0, Ordering::Release, Ordering::Relaxed);
    }
}

/// Returns the right to load; `None` if a crash kernel is loaded, or is being loaded.
pub(super) fn claim_loading() -> Option<Loading> {
    let claimed = ARMED.state.compare_exchange(0, LOADING, Ordering::Acquire, Ordering::Relaxed);
    claimed.is_ok().then_some(Loading(()))
}

/// Makes the crash kernel the one that [`crash`](super::crash) starts.
pub(super) fn arm(_: Loading, landing: &'static Landing, areas: &'static [SaveArea], jump: &Jump) {
    let Jump { tree, list, entry, copier, satp } = *jump;
    let words = ARMED.words.iter().zip([tree, list, entry, copier, satp]);
    words.for_each(|(word, value)| word.store(value, Ordering::Relaxed));
    ARMED.landing.store(core::ptr::from_ref(landing).cast_mut(), Ordering::Relaxed);
    ARMED.areas.store(areas.as_ptr().cast_mut(), Ordering::Relaxed);
    ARMED.count.store(areas.len(), Ordering::Relaxed);
    ARMED.state.store(READY, Ordering::Release);
}

/// The crash kernel that is loaded.
pub(super) struct Loaded {
    pub(super) landing: &'static Landing,
    pub(super) areas: &'static [SaveArea],
    pub(super) jump: Jump,
}

/// Returns the crash kernel, if one is loaded.
pub(super) fn loaded() -> Option<Loaded> {
    if ARMED.state.load(Ordering::Acquire) != READY {
        return None;
    }
    let [tree, list, entry, copier, satp] =
        core::array::from_fn(|index| ARMED.words.get(index).map_or(0, |word| word.load(Ordering::Relaxed)));
    let (landing, areas) = (ARMED.landing.load(Ordering::Relaxed), ARMED.areas.load(Ordering::Relaxed));
    let count = ARMED.count.load(Ordering::Relaxed);
    // SAFETY: `arm` stored references that live for good, before it stored the state.
    let (landing, areas) = unsafe { (&*landing, core::slice::from_raw_parts(areas, count)) };
    Some(Loaded { landing, areas, jump: Jump { tree, list, entry, copier, satp } })
}

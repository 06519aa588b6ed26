//! Memory that a user's `sp` may point to, and that no trap may change.

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::{HartIndex, Landing};

const MARK: u64 = 0x5a5a_a5a5_0ff0_f00f;
/// Words below and above the place: more than a frame has.
const WORDS: u64 = 128;

/// A part of the image.
static MARKS: [AtomicU64; 2 * WORDS as usize] = [const { AtomicU64::new(MARK) }; 2 * WORDS as usize];

/// Places in the middle of memory that is watched.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watched {
    pub(crate) image: u64,
    pub(crate) own_stack: u64,
    pub(crate) other_stack: u64,
}

impl Watched {
    /// Begins to watch. Two harts have stacks, and neither uses the lower half of its own.
    pub(crate) fn begin(landing: &Landing, hart: HartIndex) -> Self {
        let stacks = &landing.plan().stacks;
        let middle = |stack: landfall::address::VirtRange| stack.start().wrapping_add(stack.size() / 2).get();
        let watched = Self {
            image: (&raw const MARKS).expose_provenance() as u64 + WORDS * 8,
            own_stack: middle(landing.stack(hart)),
            other_stack: middle(stacks.usable(HartIndex::new(1 - hart.get()))),
        };
        watched.words().for_each(|word| word.store(MARK, Ordering::Relaxed));
        watched
    }

    /// Returns true if nothing has changed.
    pub(crate) fn is_unchanged(self) -> bool {
        self.words().all(|word| word.load(Ordering::Relaxed) == MARK)
    }

    fn words(self) -> impl Iterator<Item = &'static AtomicU64> {
        [self.image, self.own_stack, self.other_stack].into_iter().flat_map(|middle| {
            let start = core::ptr::with_exposed_provenance::<AtomicU64>((middle - WORDS * 8) as usize);
            // SAFETY: the words are mapped for ever, and written by nothing else.
            (0..2 * WORDS as usize).map(move |index| unsafe { &*start.add(index) })
        })
    }
}

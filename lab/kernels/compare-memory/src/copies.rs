//! Copies of pages through the linear map.

use crate::grounds::Grounds;
use crate::random::Random;

const WORDS: usize = 4096 / 8;

/// Copies a page to another. Returns false if the copy is not the same.
pub(crate) fn copy(grounds: &Grounds, random: &mut Random) -> bool {
    let pages = grounds.pages();
    let (from, to) = (grounds.copy_page(random.below(pages)), grounds.copy_page(random.below(pages)));
    for word in 0..WORDS {
        // SAFETY: both are pages for copies, which nothing else uses.
        unsafe { to.add(word).write_volatile(from.add(word).read_volatile()) };
    }
    let last = WORDS - 1;
    // SAFETY: as above.
    unsafe { from.add(last).read_volatile() == to.add(last).read_volatile() }
}

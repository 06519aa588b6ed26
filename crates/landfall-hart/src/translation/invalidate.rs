//! `sinval.vma`, which is ordered by `sfence.w.inval` and `sfence.inval.ir` alone (Svinval).

use super::Translations;
use super::fence::{Cover, Ordered};

/// The number of invalidations that wait at most.
const WAITING: usize = 64;

/// The invalidations of a hart that later walks need not come after yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Invalidations {
    /// The stores before the last `sfence.w.inval` or `sfence.vma`.
    ordered: Ordered,
    /// The invalidations, with their numbers among the hart's fences.
    waiting: Vec<(Cover, u64)>,
}

impl Translations {
    /// Follows `sfence.w.inval`: later invalidations come after these stores.
    pub(crate) const fn order_stores(&mut self, ordered: Ordered) {
        self.invalidations.ordered = ordered;
    }

    /// Returns the stores that an invalidation comes after.
    pub(crate) const fn ordered_stores(&self) -> Ordered {
        self.invalidations.ordered
    }

    /// Follows `sinval.vma`.
    pub(crate) fn invalidate(&mut self, cover: Cover) {
        if self.invalidations.waiting.len() == WAITING {
            let (oldest, number) = self.invalidations.waiting.remove(0);
            self.cover(oldest, number);
        }
        let number = self.fences.number();
        self.invalidations.waiting.push((cover, number));
    }

    /// Follows `sfence.inval.ir`: later walks come after each invalidation.
    pub(crate) fn order_invalidations(&mut self) {
        for (cover, number) in std::mem::take(&mut self.invalidations.waiting) {
            self.cover(cover, number);
        }
    }
}

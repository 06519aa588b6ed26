//! The entries that a hart's fences have covered.

use std::collections::BTreeMap;

use crate::memory::Past;

/// The stores that a fence of translations puts before later walks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ordered {
    /// The hart's own that it issued before it had retired so many instructions. They may still
    /// wait for others to see them.
    pub(crate) own: u64,
    /// Those of others up to this time.
    pub(crate) others: u64,
}

impl Ordered {
    /// Returns true if it has the store that replaced a value.
    const fn has(self, past: &Past, is_own: bool) -> bool {
        if is_own { past.issued < self.own } else { past.until <= self.others }
    }

    /// Adds the stores that another fence orders.
    fn join(&mut self, other: Self) {
        self.own = self.own.max(other.own);
        self.others = self.others.max(other.others);
    }
}

/// A fence: `None` is register x0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cover {
    /// The address.
    pub(crate) address: Option<u64>,
    /// The ASID.
    pub(crate) asid: Option<u64>,
    /// The stores that it orders.
    pub(crate) ordered: Ordered,
}

/// The question whether a fence covers one entry on one walk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    /// The entry was used as a leaf, or is at the last level: fences with an address cover it.
    pub(super) leaf: bool,
    /// An entry on the path is global.
    pub(super) global: bool,
    /// The ASID of the walk.
    pub(super) asid: u64,
    /// The first and last page that the entry translates.
    pub(super) pages: (u64, u64),
}

/// One kind of fence: what was ordered, and the count of fences at the last one.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    ordered: Ordered,
    count: u64,
}

/// The fences of a hart.
#[derive(Clone, Debug, Default)]
pub(super) struct Fences {
    count: u64,
    all: Last,
    by_asid: BTreeMap<u64, Last>,
    by_page: BTreeMap<u64, Vec<(Option<u64>, Last)>>,
}

impl Fences {
    /// Returns the number of fences so far.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Counts a fence, and returns the count.
    pub(super) const fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// Adds the fence that has a number.
    pub(super) fn add(&mut self, cover: Cover, number: u64) {
        let last = match (cover.address, cover.asid) {
            (None, None) => &mut self.all,
            (None, Some(asid)) => self.by_asid.entry(asid).or_default(),
            (Some(address), asid) => {
                let fences = self.by_page.entry(address >> 12).or_default();
                let at = fences.iter().position(|(other, _)| *other == asid).unwrap_or_else(|| {
                    fences.push((asid, Last::default()));
                    fences.len() - 1
                });
                &mut fences[at].1
            }
        };
        last.ordered.join(cover.ordered);
        last.count = last.count.max(number);
    }

    /// Returns true if a fence covers an entry whose value a store replaced.
    pub(super) fn cover_store(&self, question: Question, is_own: bool, past: &Past) -> bool {
        self.any(question, |last| last.ordered.has(past, is_own))
    }

    /// Returns true if a fence after the first `count` ones covers an entry.
    pub(super) fn cover_since(&self, question: Question, count: u64) -> bool {
        self.any(question, |last| last.count > count)
    }

    fn any(&self, question: Question, covers: impl Fn(&Last) -> bool) -> bool {
        let of_asid = |last: &Last| !question.global && covers(last);
        covers(&self.all)
            || self.by_asid.get(&question.asid).is_some_and(of_asid)
            || question.leaf
                && self.by_page.range(question.pages.0..=question.pages.1).any(|(_, fences)| {
                    fences.iter().any(|(asid, last)| match asid {
                        None => covers(last),
                        Some(asid) => *asid == question.asid && of_asid(last),
                    })
                })
    }
}

//! Models of an address space, so simple that they are right.
//!
//! [`Pages`] is a map from page number to frame number and permission: for small machines.
//! [`Spans`] is the same for large ones, where what follows each other in both address spaces with
//! the same permission is one span. Both come from leaves, or from what a test says must be mapped;
//! that two are equal means that they map the same.
//!
//! ```
//! use landfall_judge::Permission;
//! use landfall_judge::model::{MappedTwice, Span, Spans};
//!
//! let permission = Permission::READ;
//! let page = |virt: u64| Span { virt, phys: 0x8000_0000 + virt, size: 0x1000, permission };
//! // Two neighbors are the same as one span of two pages.
//! let whole = Span { size: 0x2000, ..page(0) };
//! assert_eq!(Spans::of([page(0), page(0x1000)])?, Spans::of([whole])?);
//! assert!(Spans::of([page(0), whole]).is_err(), "one page is mapped twice");
//! # Ok::<(), MappedTwice>(())
//! ```

use std::collections::BTreeMap;

use crate::entry::{Leaf, Permission};

const PAGE_SHIFT: u32 = 12;

/// A stretch that is mapped, in bytes; whole pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First virtual address.
    pub virt: u64,
    /// First physical address.
    pub phys: u64,
    /// Bytes.
    pub size: u64,
    /// Its permissions.
    pub permission: Permission,
}

impl From<Leaf> for Span {
    fn from(leaf: Leaf) -> Self {
        let Leaf { virt, phys, size, flags, .. } = leaf;
        Self { virt, phys, size, permission: flags.permission() }
    }
}

/// An address that is mapped twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MappedTwice {
    /// It.
    pub virt: u64,
}

/// Page number to frame number and permission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages(BTreeMap<u64, (u64, Permission)>);

impl Pages {
    /// Returns the mappings of `spans`.
    ///
    /// # Errors
    /// [`MappedTwice`] names the first address that is taken already.
    pub fn of(spans: impl IntoIterator<Item = Span>) -> Result<Self, MappedTwice> {
        let mut pages = BTreeMap::new();
        for Span { virt, phys, size, permission } in spans {
            for page in 0..size >> PAGE_SHIFT {
                let number = (virt >> PAGE_SHIFT) + page;
                let frame = (phys >> PAGE_SHIFT) + page;
                if pages.insert(number, (frame, permission)).is_some() {
                    return Err(MappedTwice { virt: number << PAGE_SHIFT });
                }
            }
        }
        Ok(Self(pages))
    }

    /// The physical address behind a virtual one, and what may be done there.
    #[must_use]
    pub fn get(&self, virt: u64) -> Option<(u64, Permission)> {
        let (frame, permission) = *self.0.get(&(virt >> PAGE_SHIFT))?;
        Some((frame << PAGE_SHIFT | virt & 0xfff, permission))
    }
}

/// Spans in ascending order, none of which continues the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// Returns the mappings of `spans`, in any pieces and order.
    ///
    /// # Errors
    /// [`MappedTwice`] names the first address that is taken already.
    pub fn of(spans: impl IntoIterator<Item = Span>) -> Result<Self, MappedTwice> {
        let mut pieces: Vec<Span> = spans.into_iter().filter(|span| span.size != 0).collect();
        pieces.sort_by_key(|span| span.virt);
        let mut joined: Vec<Span> = Vec::new();
        for piece in pieces {
            let Some(last) = joined.last_mut() else {
                joined.push(piece);
                continue;
            };
            let gap = piece.virt - last.virt;
            if gap < last.size {
                return Err(MappedTwice { virt: piece.virt });
            }
            let follows = gap == last.size && piece.phys == last.phys + last.size;
            if follows && piece.permission == last.permission {
                last.size += piece.size;
            } else {
                joined.push(piece);
            }
        }
        Ok(Self(joined))
    }

    /// The spans.
    #[must_use]
    pub fn as_slice(&self) -> &[Span] {
        &self.0
    }

    /// The spans with a byte among the `size` bytes from `virt` on, which do not reach beyond the
    /// end of the address space.
    pub fn within(&self, virt: u64, size: u64) -> impl Iterator<Item = Span> {
        let last = virt + size.saturating_sub(1);
        let touches = move |span: &Span| span.virt <= last && virt <= span.virt + (span.size - 1);
        self.0.iter().copied().filter(move |span| size != 0 && touches(span))
    }

    /// The physical address behind a virtual one, and what may be done there.
    #[must_use]
    pub fn get(&self, virt: u64) -> Option<(u64, Permission)> {
        let span = self.within(virt, 1).next()?;
        Some((span.phys + (virt - span.virt), span.permission))
    }
}

//! Free addresses in a region, by what the tables say.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use landfall_paging::{Mode, PhysAddr, TableReader, Unmapped, VirtAddr, VirtRange, deciding_entry};
use landfall_plan::PlaceCount;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The choice of addresses for new mappings.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Placing {
    /// The lowest that are free.
    FirstFit,
    /// Any that are free, drawn by a generator with this seed. The seed is wiped on drop.
    Random([u8; 32]),
}

impl Drop for Placing {
    fn drop(&mut self) {
        if let Self::Random(seed) = self {
            seed.zeroize();
        }
    }
}

impl ZeroizeOnDrop for Placing {}

/// Draws places, if it has a generator. The generator wipes itself on drop.
pub(crate) struct Placer(Option<ChaCha8Rng>);

/// Addresses that are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Bytes to be mapped.
    pub(crate) size: u64,
    /// Bytes of the guard below.
    pub(crate) below: u64,
    /// Bytes of the guard above.
    pub(crate) above: u64,
    /// The first mapped address is a multiple of this, a power of two, plus `residue`.
    pub(crate) align: u64,
    pub(crate) residue: u64,
}

/// The tables as the search reads them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tables<T> {
    pub(crate) memory: T,
    pub(crate) mode: Mode,
    pub(crate) root: PhysAddr,
}

/// Places that are drawn before the search begins at the last of them.
const DRAWS: u32 = 16;

impl Placer {
    pub(crate) fn new(placing: &Placing) -> Self {
        match placing {
            Placing::FirstFit => Self(None),
            Placing::Random(seed) => {
                let mut seed = *seed;
                let generator = ChaCha8Rng::from_seed(seed);
                seed.zeroize();
                Self(Some(generator))
            }
        }
    }

    /// Returns the first address to be mapped of a free range in `region`, the guards included.
    pub(crate) fn find(
        &mut self,
        tables: Tables<impl TableReader + Copy>,
        region: VirtRange,
        shape: Shape,
    ) -> Option<VirtAddr> {
        // All arithmetic is in offsets from the region's start: addresses may end at 2^64.
        let first = shape.first_offset(region)?;
        let last = region.size().checked_sub(shape.size.checked_add(shape.above)?)?;
        let places = PlaceCount::new(last.checked_sub(first)? / shape.align + 1);
        let mut from = first;
        if let Some(generator) = &mut self.0 {
            for _ in 0..DRAWS {
                from = first + places.choose(generator.next_u64()) * shape.align;
                if shape.first_used(tables, region, from).is_none() {
                    return Some(region.start().wrapping_add(from));
                }
            }
        }
        let found =
            shape.search(tables, region, from, last).or_else(|| shape.search(tables, region, first, last));
        found.map(|offset| region.start().wrapping_add(offset))
    }
}

impl Shape {
    /// Returns the lowest offset in `region` at which the mapping could begin.
    fn first_offset(&self, region: VirtRange) -> Option<u64> {
        self.aligned(region, self.below)
    }

    /// Returns the lowest offset from `offset` on that is aligned as the shape wants it.
    fn aligned(&self, region: VirtRange, offset: u64) -> Option<u64> {
        let virt = region.start().get().wrapping_add(offset);
        let behind = virt.wrapping_sub(self.residue) & (self.align - 1);
        if behind == 0 { Some(offset) } else { offset.checked_add(self.align - behind) }
    }

    fn search(
        &self,
        tables: Tables<impl TableReader + Copy>,
        region: VirtRange,
        from: u64,
        last: u64,
    ) -> Option<u64> {
        let mut at = from;
        while at <= last {
            match self.first_used(tables, region, at) {
                None => return Some(at),
                Some(used_end) => at = self.aligned(region, used_end.checked_add(self.below)?)?,
            }
        }
        None
    }

    /// Returns the offset behind the first entry that is in use, among those that serve the range
    /// which begins with its mapping at offset `at`. `None` if all of the range is free.
    fn first_used(&self, tables: Tables<impl TableReader + Copy>, region: VirtRange, at: u64) -> Option<u64> {
        let end = at + self.size + self.above;
        let mut offset = at - self.below;
        while offset < end {
            let virt = region.start().wrapping_add(offset);
            let (entry, size) = deciding_entry(&tables.memory, tables.mode, tables.root, virt);
            let next = offset + (size.bytes() - (virt.get() & (size.bytes() - 1)));
            if entry.unmapped() != Some(Unmapped::Free) {
                return Some(next);
            }
            offset = next;
        }
        None
    }
}

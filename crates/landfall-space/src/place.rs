//! Free addresses in a region, by what the tables say.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use landfall_paging::{Mode, PhysAddr, TableReader, Unmapped, VirtAddr, VirtRange, deciding_entry};
use landfall_plan::randomness::PlaceCount;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The choice of addresses for new mappings.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Placing {
    /// The lowest that are free.
    FirstFit,
    /// Any that are free, drawn by a generator with this seed. The seed is wiped on drop.
    ///
    /// In a region of more than 1 GiB, places are drawn in a random part of 1 GiB until it is full.
    /// The tables of the kernel's half are never given back.
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

/// Chooses places: the lowest that are free, or with a generator random ones.
pub(crate) struct Placer {
    /// It wipes itself on drop.
    generator: Option<ChaCha8Rng>,
    /// The part of a large region in which places are drawn at present.
    window: VirtRange,
}

/// Bytes of a window. Its leaves of 4 KiB take 512 tables at most, which are never given back.
/// Places throughout a large region would take some tables each.
const WINDOW: u64 = 1 << 30;

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
        let generator = match placing {
            Placing::FirstFit => None,
            Placing::Random(seed) => {
                let mut seed = *seed;
                let generator = ChaCha8Rng::from_seed(seed);
                seed.zeroize();
                Some(generator)
            }
        };
        Self { generator, window: VirtRange::EMPTY }
    }

    /// Returns the first address to be mapped of a free range in `region`, the guards included.
    pub(crate) fn find(
        &mut self,
        tables: Tables<impl TableReader + Copy>,
        region: VirtRange,
        shape: Shape,
    ) -> Option<VirtAddr> {
        let Some(generator) = &mut self.generator else {
            return shape.lowest(tables, region);
        };
        if region.size() > WINDOW && shape.whole()? <= WINDOW / 4 {
            for _ in 0..DRAWS {
                if !region.contains(self.window) || self.window.is_empty() {
                    let windows = PlaceCount::new(region.size() / WINDOW);
                    let start = region.start().wrapping_add(windows.choose(generator.next_u64()) * WINDOW);
                    self.window = VirtRange::new(start, WINDOW);
                }
                if let Some(found) = shape.drawn(tables, self.window, generator) {
                    return Some(found);
                }
                // It is full: another one.
                self.window = VirtRange::EMPTY;
            }
        }
        shape.drawn(tables, region, generator)
    }
}

impl Shape {
    /// Returns the bytes of the mapping and its guards.
    fn whole(&self) -> Option<u64> {
        self.size.checked_add(self.below)?.checked_add(self.above)
    }

    /// Returns the first and the last offset in `region` at which the mapping could begin.
    ///
    /// All arithmetic is in offsets from the region's start: addresses may end at 2^64.
    fn bounds(&self, region: VirtRange) -> Option<(u64, u64)> {
        let first = self.first_offset(region)?;
        let last = region.size().checked_sub(self.size.checked_add(self.above)?)?;
        (first <= last).then_some((first, last))
    }

    /// Returns the lowest free place in `region`.
    fn lowest(&self, tables: Tables<impl TableReader + Copy>, region: VirtRange) -> Option<VirtAddr> {
        let (first, last) = self.bounds(region)?;
        self.search(tables, region, first, last).map(|offset| region.start().wrapping_add(offset))
    }

    /// Returns a free place in `region`: one of some that are drawn, or the next behind the last of
    /// them.
    fn drawn(
        &self,
        tables: Tables<impl TableReader + Copy>,
        region: VirtRange,
        generator: &mut ChaCha8Rng,
    ) -> Option<VirtAddr> {
        let (first, last) = self.bounds(region)?;
        let places = PlaceCount::new((last - first) / self.align + 1);
        let mut from = first;
        for _ in 0..DRAWS {
            from = first + places.choose(generator.next_u64()) * self.align;
            if self.first_used(tables, region, from).is_none() {
                return Some(region.start().wrapping_add(from));
            }
        }
        let behind = self.search(tables, region, from, last);
        let found = behind.or_else(|| self.search(tables, region, first, last));
        found.map(|offset| region.start().wrapping_add(offset))
    }

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

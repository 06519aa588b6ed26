//! Crash memory: RAM that the running kernel neither maps nor uses, for a kernel that takes over
//! after a crash.
//!
//! No draw decides the place, so tools know it beforehand. A plan sees the memory as one more range
//! that must not be mapped.

use landfall_paging::{LeafFormat, LeafSize, Mode, PAGE_SIZE, PhysAddr, PhysRange};

use crate::crash_option::{CRASH_GRAIN, CrashFault, CrashOption};
use crate::facts::Facts;
use crate::layout::{GUARD, Layout};
use crate::policy::{Policy, Starting};
use crate::ram_ranges::Taken;
use crate::stacks::Stacks;

/// The memory below this address is preferred: devices that reach 32 bits reach it.
const PREFERRED_END: PhysAddr = PhysAddr::new(1 << 32);

impl Facts {
    /// Reserves the crash memory that the command line or the policy asks for, once, before a plan.
    /// It becomes a part of [`Facts::no_map`], and [`Facts::crash`] names it.
    ///
    /// The size is rounded up to 2 MiB. One piece of free RAM holds all of it, at the highest
    /// multiple of 2 MiB below 4 GiB. If no place is left there, it is the highest within the reach
    /// of sv39. If it cannot be reserved, [`Facts::crash_fault`] has the reason, and nothing
    /// changes.
    ///
    /// ```
    /// use landfall_paging::{PhysAddr, PhysRange};
    /// use landfall_plan::{Facts, Policy};
    ///
    /// let mut facts = Facts::UNKNOWN;
    /// facts.ram.insert(PhysRange::new(PhysAddr::new(0x8000_0000), 1 << 30))?;
    /// facts.reserve_crash_memory(&Policy::new().with_crash_memory(64 << 20));
    /// assert_eq!(facts.crash, PhysRange::new(PhysAddr::new(0xbc00_0000), 64 << 20));
    /// assert_eq!(facts.no_map.as_slice(), [facts.crash]);
    /// # Ok::<(), landfall_plan::memory::RangeSetFull>(())
    /// ```
    pub fn reserve_crash_memory(&mut self, policy: &Policy) {
        let (size, at) = match self.options.crash {
            CrashOption::Absent | CrashOption::Unsupported(_) => (policy.crash_memory(), None),
            CrashOption::Size(size) => (size, None),
            CrashOption::Place { at, size } => (size, Some(at)),
        };
        if size == 0 || !self.crash.is_empty() {
            return;
        }
        let place = self.crash_place(policy, size, at);
        let reserve =
            |place| self.no_map.insert(place).map(|()| place).map_err(|_| CrashFault::TooManyRanges);
        match place.and_then(reserve) {
            Ok(place) => self.crash = place,
            Err(fault) => self.crash_fault = Some(fault),
        }
    }

    fn crash_place(&self, policy: &Policy, size: u64, at: Option<PhysAddr>) -> Result<PhysRange, CrashFault> {
        let lowest = self.ram.iter().next().map_or(PhysAddr::new(0), PhysRange::start);
        let reach = Layout::new(Mode::Sv39, policy.ram_limit()).reach;
        let image = self.loaded_image().all();
        let end = PhysRange::new(lowest, reach).end();
        let taken = Taken::new(self, [image, PhysRange::EMPTY, PhysRange::EMPTY]);
        let pieces = taken.usable(self, end);
        let free = pieces.clone().map(PhysRange::size).sum();
        let size = size.checked_next_multiple_of(CRASH_GRAIN).unwrap_or(u64::MAX);
        let place = match at {
            Some(at) => chosen(pieces.clone(), at, size)?,
            None if size > free => return Err(CrashFault::TooMuch { size, free }),
            None => highest(&pieces, size)?,
        };
        let needs = self.landing_needs(policy);
        let holds_landing = |piece: PhysRange| {
            let below = PhysRange::between(piece.start(), place.start().min(piece.end()));
            let above = PhysRange::between(place.end().max(piece.start()), piece.end());
            below.size().max(above.size()) >= needs
        };
        if size > free / 2 || !pieces.clone().any(holds_landing) {
            return Err(CrashFault::TooMuch { size, free });
        }
        Ok(place)
    }

    /// Returns bytes of memory, in one piece, with which any landing finds room for its tables, its
    /// stacks and a copy of the tree.
    fn landing_needs(&self, policy: &Policy) -> u64 {
        let harts = match policy.starting {
            Starting::BootHart => 1,
            Starting::AllHarts => policy.max_harts.min(self.harts.len() as u64).max(1),
        };
        let stacks = Stacks::new(policy.stack_size, harts, LeafFormat::Napot);
        // Each mapping ends at two places, and a place cuts a table of each level below the root.
        // Parts of the image are six mappings more.
        let mappings = (self.ram.as_slice().len() + self.no_map.as_slice().len() + 7) as u64;
        let cuts = 2 * (Mode::Sv57.levels() as u64 - 1) * (mappings + 1);
        let of_stacks = stacks.virtual_size() / GUARD;
        // A pinned linear map may have no leaf above 1 GiB.
        let pages = 1 + cuts + of_stacks + self.ram.size() / LeafSize::G512.bytes();
        let tree = self.tree.pages_touched().size() + PAGE_SIZE;
        pages * PAGE_SIZE + harts * stacks.physical_stride() + tree
    }
}

/// Returns the place that the command line wants.
fn chosen(
    mut pieces: impl Iterator<Item = PhysRange>,
    at: PhysAddr,
    size: u64,
) -> Result<PhysRange, CrashFault> {
    let place = PhysRange::new(at, size);
    if !at.is_aligned(CRASH_GRAIN) {
        return Err(CrashFault::Misaligned(at));
    }
    let is_free = place.size() == size && pieces.any(|piece| piece.contains(place));
    if is_free { Ok(place) } else { Err(CrashFault::NotFree(place)) }
}

/// Returns the highest place below 4 GiB, else the highest.
fn highest(pieces: &(impl Iterator<Item = PhysRange> + Clone), size: u64) -> Result<PhysRange, CrashFault> {
    let below = |end: PhysAddr| {
        let aligned = pieces.clone().filter_map(move |piece| {
            let start = piece.start().checked_align_up(CRASH_GRAIN)?;
            Some(PhysRange::between(start, piece.end().min(end).align_down(CRASH_GRAIN)))
        });
        aligned.filter(|piece| !piece.is_empty())
    };
    let place = |end| {
        let piece = below(end).filter(|piece| piece.size() >= size).last()?;
        Some(PhysRange::new(piece.end().wrapping_sub(size), size))
    };
    let any = PhysAddr::new(u64::MAX);
    let most = || below(any).map(PhysRange::size).max().unwrap_or(0);
    place(PREFERRED_END).or_else(|| place(any)).ok_or_else(|| CrashFault::NoRoom { size, most: most() })
}

//! The boot information of the plain protocol: `landfall/wrapped.h` describes it for C.
//!
//! ```text
//! struct lf_wrapped | its ranges of memory | its harts | the command line, and a zero
//! ```
//!
//! All pointers in it are addresses of the linear map.

use landfall::Landing;
use landfall::address::{LinearAddr, PhysAddr, VirtAddr};
use landfall_wrap::InnerDraws;

use super::block::Block;
use super::choose::Chosen;
use super::memory;
use super::records::{HartRecords, RECORD_SIZE};
use super::space::Space;

/// The first word of `struct lf_wrapped`.
const MAGIC: u64 = u64::from_le_bytes(*b"LFWRAP\0\0");
const VERSION: u64 = 1;
/// Bytes of `struct lf_wrapped`.
const HEADER: usize = 22 * 8 + 32;
/// Bytes of `struct lf_wrapped_range`.
const RANGE: usize = 3 * 8;

/// The number of elements in the boot information.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Ranges of memory, at most.
    ranges: usize,
    harts: usize,
    command_line: usize,
}

impl Size {
    pub(super) fn of(landing: &Landing, chosen: &Chosen) -> Self {
        // The inner kernel and the block split a range into three each.
        let ranges = landing.ram().count() + 4;
        let harts = landing.harts().filter(landfall::harts::LandingHart::is_online).count();
        Self { ranges, harts, command_line: chosen.command_line.len() }
    }

    pub(super) const fn bytes(self) -> u64 {
        (self.command_line_at() + self.command_line + 1) as u64
    }

    const fn harts_at(self) -> usize {
        HEADER + self.ranges * RANGE
    }

    const fn command_line_at(self) -> usize {
        self.harts_at() + self.harts * RECORD_SIZE
    }
}

/// The content of the boot information.
pub(super) struct Facts<'a> {
    pub(super) landing: &'a Landing,
    pub(super) chosen: &'a Chosen,
    pub(super) space: &'a Space<'a>,
    pub(super) block: Block,
    pub(super) draws: Option<&'a InnerDraws>,
    /// Bits of the wrapper's entropy.
    pub(super) bits: u32,
}

impl Facts<'_> {
    /// Writes the boot information to `room`, zeroed memory that begins at `at` in the linear map.
    /// Returns its records of harts.
    pub(super) fn write(&self, size: Size, room: &mut [u8], at: VirtAddr) -> HartRecords {
        let parts = memory::parts(self.landing, self.space.placed, self.block).take(size.ranges);
        let mut count = 0;
        for part in parts {
            let words = [part.range.start().get(), part.range.size(), part.usage as u64];
            put(room, HEADER + count * RANGE, &words);
            count += 1;
        }
        let harts = self.landing.harts().filter(landfall::harts::LandingHart::is_online);
        for (number, hart) in harts.take(size.harts).enumerate() {
            let index = hart.index.unwrap_or(landfall::HartIndex::BOOT);
            let stacks = &self.space.stacks;
            let (bottom, top) = (stacks.bottom(index).get(), stacks.top(index).get());
            put(room, size.harts_at() + number * RECORD_SIZE, &[0, 0, hart.hart.id, 0, bottom, top]);
        }
        if let Some(place) = room.get_mut(size.command_line_at()..) {
            place.iter_mut().zip(self.chosen.command_line).for_each(|(place, byte)| *place = *byte);
        }
        let address = |offset: usize| at.get() + offset as u64;
        put(room, 0, &self.header(size, count as u64, &address));
        if let (Some(draws), Some(place)) = (self.draws, room.get_mut(HEADER - 32..HEADER)) {
            place.copy_from_slice(&draws.entropy);
        }
        HartRecords::new(at.wrapping_add(size.harts_at() as u64), size.harts)
    }

    /// Returns the words of `struct lf_wrapped` up to its entropy.
    fn header(&self, size: Size, ranges: u64, address: &dyn Fn(usize) -> u64) -> [u64; 22] {
        let Self { landing, chosen, space, .. } = self;
        let (placed, plan) = (space.placed, landing.plan());
        let linear = &plan.linear;
        let tree = landing.tree();
        let pointer = |bytes: &[u8]| if bytes.is_empty() { 0 } else { linear_address(bytes) };
        let initrd = chosen.initrd.unwrap_or_default();
        [
            MAGIC,
            (HEADER as u64) << 32 | VERSION,
            landing.satp().bits() >> 60,
            placed.phys.start().get(),
            placed.virt.get(),
            placed.phys.size(),
            linear.offset,
            linear.span.start().get(),
            linear.span.size(),
            address(HEADER),
            ranges,
            pointer(tree),
            tree.len() as u64,
            pointer(initrd),
            initrd.len() as u64,
            address(size.command_line_at()),
            size.command_line as u64,
            address(size.harts_at()),
            size.harts as u64,
            landing.facts().boot_hart,
            space.stacks.size,
            if self.draws.is_some() { self.bits.into() } else { 0 },
        ]
    }
}

/// Returns the address of bytes in the linear map. Constants of the wrapper have another address,
/// which is gone when the inner kernel runs.
fn linear_address(bytes: &[u8]) -> u64 {
    let phys: PhysAddr = landfall::address::virt_to_phys(VirtAddr::new(bytes.as_ptr().addr() as u64));
    LinearAddr::from_phys(phys).virt().get()
}

/// Writes words, as far as there is room.
fn put(room: &mut [u8], at: usize, words: &[u64]) {
    let Some(places) = room.get_mut(at..) else { return };
    for (place, word) in places.as_chunks_mut().0.iter_mut().zip(words) {
        *place = word.to_le_bytes();
    }
}

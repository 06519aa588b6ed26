//! The boot information of the plain protocol: `landfall/wrapped.h` describes it for C.
//!
//! ```text
//! struct lf_wrapped | its ranges of memory | its harts | the command line, and a zero
//! ```
//!
//! All pointers in it are addresses of the linear map.

use landfall::address::{LinearAddr, VirtAddr};

use super::information::{Facts, Released};
use super::memory;
use super::tickets::online;

/// The first word of `struct lf_wrapped`.
const MAGIC: u64 = u64::from_le_bytes(*b"LFWRAP\0\0");
const VERSION: u64 = 1;
/// Words of `struct lf_wrapped` before its entropy.
const WORDS: usize = 22;
/// Bytes of `struct lf_wrapped`.
const HEADER: usize = WORDS * 8 + 32;
/// Bytes of `struct lf_wrapped_range`.
const RANGE: usize = 3 * 8;
/// Bytes of `struct lf_wrapped_hart`, whose first word is its release word.
const HART: usize = 5 * 8;

/// The places in the boot information.
#[derive(Clone, Copy, Debug)]
struct Layout {
    /// Ranges of memory, at most.
    ranges: usize,
    harts: usize,
}

impl Layout {
    fn of(facts: &Facts<'_>) -> Self {
        // Each part of the wrapper's own splits a range into three.
        let ranges = facts.landing.ram().count() + 2 * facts.owned().len();
        Self { ranges, harts: online(facts.landing).count() }
    }

    const fn harts_at(self) -> usize {
        HEADER + self.ranges * RANGE
    }

    const fn command_line_at(self) -> usize {
        self.harts_at() + self.harts * HART
    }
}

/// Returns the bytes of the boot information.
pub(super) fn size(facts: &Facts<'_>) -> usize {
    Layout::of(facts).command_line_at() + facts.chosen.command_line.len() + 1
}

/// Writes the boot information to `room`, zeroed memory that begins at `at` in the linear map.
pub(super) fn write(facts: &Facts<'_>, room: &mut [u8], at: VirtAddr) -> Released {
    let layout = Layout::of(facts);
    let mut count = 0;
    for part in memory::parts(facts.landing, &facts.owned()).take(layout.ranges) {
        let words = [part.range.start().get(), part.range.size(), part.usage as u64];
        put(room, HEADER + count * RANGE, &words);
        count += 1;
    }
    for (number, hart) in online(facts.landing).take(layout.harts).enumerate() {
        let (bottom, top) = facts.stack(hart.index);
        let words = [0, hart.hart.id, 0, bottom.get(), top.get()];
        put(room, layout.harts_at() + number * HART, &words);
    }
    put_bytes(room, layout.command_line_at(), facts.chosen.command_line);
    put(room, 0, &header(facts, layout, count as u64, at));
    if let Some(draws) = facts.draws {
        put_bytes(room, WORDS * 8, &draws.entropy);
    }
    Released { first: at.wrapping_add(layout.harts_at() as u64), stride: HART as u64, release: 0 }
}

/// Returns the words of `struct lf_wrapped` up to its entropy.
fn header(facts: &Facts<'_>, layout: Layout, ranges: u64, at: VirtAddr) -> [u64; WORDS] {
    let Facts { landing, chosen, space, .. } = facts;
    let (placed, linear) = (space.placed, &landing.plan().linear);
    let address = |offset: usize| at.get() + offset as u64;
    let pointer = |bytes: &[u8]| if bytes.is_empty() { 0 } else { linear_address(bytes) };
    let (tree, initrd) = (landing.tree(), chosen.initrd.unwrap_or_default());
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
        address(layout.command_line_at()),
        chosen.command_line.len() as u64,
        address(layout.harts_at()),
        layout.harts as u64,
        landing.facts().boot_hart,
        space.stacks.size,
        facts.bits.into(),
    ]
}

/// Returns the address of bytes in the linear map. Constants of the wrapper have another address,
/// which is gone when the inner kernel runs.
fn linear_address(bytes: &[u8]) -> u64 {
    LinearAddr::from_phys(memory::of(bytes).start()).virt().get()
}

/// Writes words, as far as there is room.
fn put(room: &mut [u8], at: usize, words: &[u64]) {
    let places = room.get_mut(at..).unwrap_or_default();
    places.as_chunks_mut().0.iter_mut().zip(words).for_each(|(place, word)| *place = word.to_le_bytes());
}

/// Writes bytes, as far as there is room.
fn put_bytes(room: &mut [u8], at: usize, bytes: &[u8]) {
    let places = room.get_mut(at..).unwrap_or_default();
    places.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
}

//! Tables for user mode: the upper half is the landing's, and the lower half has one page of code
//! and one for a stack.

use core::ptr::copy_nonoverlapping;

use landfall::Landing;
use landfall::address::{LinearAddr, PhysAddr, VirtAddr};
use landfall::paging::{Entry, Satp};

const PAGE: u64 = 4096;

/// The page of code: V, R, X, U, A.
pub(crate) const CODE: u64 = 0x10_0000;
const CODE_BITS: u64 = 0b0101_1011;

/// The page of the stack: V, R, W, U, A, D.
pub(crate) const STACK: u64 = 0x10_1000;
pub(crate) const STACK_END: u64 = STACK + PAGE;
const STACK_BITS: u64 = 0b1101_0111;

type Table = [u64; 512];

/// Frames out of what the landing has left free: one after the other.
#[derive(Debug)]
pub(crate) struct Frames {
    next: PhysAddr,
    end: PhysAddr,
}

impl Frames {
    /// The largest stretch of free memory.
    pub(crate) fn of(landing: &Landing) -> Self {
        let Some(largest) = landing.free_memory().max_by_key(|range| range.size()) else {
            panic!("no memory is free")
        };
        Self { next: largest.start(), end: largest.end() }
    }

    /// Takes one, full of zeros.
    pub(crate) fn take(&mut self) -> LinearAddr {
        assert!(self.next < self.end, "out of frames");
        let frame = LinearAddr::from_phys(self.next);
        self.next = self.next.wrapping_add(PAGE);
        // SAFETY: the linear map holds all RAM, and nothing else uses what is free.
        unsafe { frame.as_ptr::<Table>().write([0; 512]) };
        frame
    }
}

/// Makes the tables, with `code` in the page of code, and returns what makes a hart use them.
pub(crate) fn build(landing: &Landing, frames: &mut Frames, code: &[u8]) -> u64 {
    assert!(code.len() as u64 <= PAGE, "the program takes more than a page");
    let root = frames.take();
    let landed = LinearAddr::from_phys(landing.satp().root());
    let half = 256;
    // SAFETY: both are root tables of 512 entries, and the linear map holds both.
    unsafe { copy_nonoverlapping(landed.as_ptr::<u64>().add(half), root.as_ptr::<u64>().add(half), half) };
    for (page, bits) in [(CODE, CODE_BITS), (STACK, STACK_BITS)] {
        let frame = frames.take();
        if page == CODE {
            // SAFETY: the frame is a page, and no hart runs in it yet.
            unsafe { copy_nonoverlapping(code.as_ptr(), frame.as_ptr::<u8>(), code.len()) };
        }
        map(
            root,
            landing.mode().levels(),
            VirtAddr::new(page),
            Entry::table(frame.to_phys()).bits() | bits,
            frames,
        );
    }
    Satp::new(landing.mode(), root.to_phys()).bits()
}

/// Writes the leaf of one page, with the tables that lead to it.
fn map(root: LinearAddr, levels: usize, page: VirtAddr, leaf: u64, frames: &mut Frames) {
    let slot = |table: LinearAddr, level: usize| {
        let index = (page.get() >> (12 + 9 * level) & 511) as usize;
        // SAFETY: a table has 512 entries.
        unsafe { table.as_ptr::<u64>().add(index) }
    };
    let mut table = root;
    for level in (1..levels).rev() {
        let slot = slot(table, level);
        // SAFETY: the tables are this function's alone until a hart uses them.
        let entry = Entry::from_bits(unsafe { slot.read() });
        table = if entry.is_valid() {
            LinearAddr::from_phys(entry.target())
        } else {
            let below = frames.take();
            // SAFETY: as above.
            unsafe { slot.write(Entry::table(below.to_phys()).bits()) };
            below
        };
    }
    // SAFETY: as above.
    unsafe { slot(table, 0).write(leaf) };
}

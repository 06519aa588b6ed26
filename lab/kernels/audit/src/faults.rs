//! The fault of each code.

use landfall::address::{ImageAddr, PhysAddr, VirtAddr};
use landfall::paging::Entry;
use landfall::{HartIndex, Landing};

use crate::tables::{LiveTables, PAGE};

const V: u64 = 1;
const R: u64 = 1 << 1;
const W: u64 = 1 << 2;
const X: u64 = 1 << 3;
const U: u64 = 1 << 4;
const G: u64 = 1 << 5;
const A: u64 = 1 << 6;
const D: u64 = 1 << 7;
/// The bits of each leaf of a kernel.
const KERNEL: u64 = V | G | A | D;
/// The first bit that is reserved in each entry.
const RESERVED: u64 = 1 << 54;
/// Not cached (Svpbmt).
const UNCACHED: u64 = 1 << 61;
const N: u64 = 1 << 63;

const M2: u64 = 2 << 20;
const GROUP: u64 = 16;
/// More tables than the test's limit, together with those of the landing.
const MANY: u64 = 64;
/// The first page of RAM, which firmware has for itself.
const FIRMWARE: PhysAddr = PhysAddr::new(0x8000_0000);
/// An address without memory on the test's machine.
const NOWHERE: PhysAddr = PhysAddr::new(1 << 40);

/// An entry with this target.
const fn entry(target: PhysAddr, bits: u64) -> u64 {
    Entry::table(target).bits() & !V | bits
}

/// Puts the fault into the live tables.
///
/// # Panics
/// If there is no such code.
pub(crate) fn put(code: &[u8], landing: &Landing) {
    let mut tables = LiveTables::of(landing);
    // Nothing is mapped in the dynamic region.
    let at = VirtAddr::new(landing.plan().dynamic.start().get().next_multiple_of(M2));
    let page = |number: u64| at.wrapping_add(number * PAGE);
    let frames = tables.take(GROUP);
    let first = frames.wrapping_add(PAGE);
    let mut leaf = |virt, bits| tables.set(virt, 0, entry(first, bits));
    match code {
        b"leaf-wx" => leaf(at, R | W | X | KERNEL),
        b"alias-wx" => leaf(at, R | X | KERNEL),
        b"alias-type" => leaf(at, R | W | KERNEL | UNCACHED),
        b"leaf-user" => leaf(at, R | U | KERNEL),
        b"leaf-ad" => leaf(at, V | R | G),
        b"entry-reserved" => leaf(at, R | KERNEL | RESERVED),
        b"entry-write-only" => leaf(at, W | KERNEL),
        b"entry-deep" => leaf(at, V),
        b"page-first" => leaf(VirtAddr::new(0), R | KERNEL),
        b"page-last" => leaf(VirtAddr::new(!(PAGE - 1)), R | KERNEL),
        b"leaf-identity" => {
            // The page that a hart runs in when translation is turned on.
            let text = ImageAddr::from_ptr(put as *const u8).to_phys().align_down(PAGE);
            tables.set(VirtAddr::new(text.get()), 0, entry(text, R | X | KERNEL));
        }
        b"leaf-no-map" => tables.set(at, 0, entry(FIRMWARE, R | KERNEL)),
        b"leaf-misaligned" => tables.set(at, 1, entry(first, R | W | KERNEL)),
        b"napot-reserved" => {
            tables.set(at, 0, entry(frames.wrapping_add(GROUP / 4 * PAGE), R | KERNEL | N));
        }
        b"napot-group" => {
            let of_group = entry(frames.wrapping_add(GROUP / 2 * PAGE), R | KERNEL | N);
            (0..GROUP - 1).for_each(|number| tables.set(page(number), 0, of_group));
        }
        b"table-loop" => tables.set_free_of_root(entry(tables.root(), V)),
        b"table-shared" => {
            tables.set(at, 0, entry(first, R | KERNEL));
            let shared = tables.table(at, 0);
            tables.set(at.wrapping_add(M2), 1, entry(shared, V));
        }
        b"table-missing" => tables.set(at, 1, entry(NOWHERE, V)),
        b"walk-limit" => {
            (0..MANY).for_each(|table| tables.set(at.wrapping_add(table * M2), 0, entry(first, R | KERNEL)));
        }
        b"stack-guard" => {
            let stack = landing.plan().stacks.bottom(HartIndex::BOOT);
            tables.set(VirtAddr::new(stack.get() - PAGE), 0, entry(first, R | W | KERNEL));
        }
        _ => panic!("no such code"),
    }
}

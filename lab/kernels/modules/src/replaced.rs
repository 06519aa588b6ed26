//! A table that only this test changes. One hart replaces its module again and again, and the
//! others look at it meanwhile. No module is loaded for that, so harts meet in it very often.

use core::hint::spin_loop;
use core::sync::atomic::{AtomicBool, Ordering};

use landfall::HartIndex;
use landfall::address::{VirtAddr, VirtRange};

use crate::machine::SPACE;
use crate::meeting::{self, Moment};
use crate::table::Table;

static TABLE: Table = Table::new();

/// True once no module is replaced any more.
static IS_OVER: AtomicBool = AtomicBool::new(false);

/// An address in the text of each module.
const ADDRESS: VirtAddr = VirtAddr::new(0xffff_ffc0_0000_0000);

/// The bytes of each text.
const SIZE: u64 = 1 << 20;

/// Replaces a module `count` times, on the boot hart. Every other hart looks for it.
pub(crate) fn run(hart: HartIndex, harts: usize, count: u64) {
    if hart == HartIndex::BOOT {
        for number in 1..=count {
            if number % 8 == 0 {
                TABLE.withdraw(0);
            }
            let text = VirtRange::new(VirtAddr::new(ADDRESS.get() - number), SIZE);
            TABLE.publish(0, &name(number), &[text, VirtRange::EMPTY, VirtRange::EMPTY]);
        }
        IS_OVER.store(true, Ordering::Release);
    }
    while !IS_OVER.load(Ordering::Relaxed) {
        look();
        SPACE.wait().serve();
        spin_loop();
    }
    meeting::meet(hart, harts, Moment::Between);
    assert_eq!(look(), Some(count), "the last module");
}

/// Looks for the module, and returns its number.
fn look() -> Option<u64> {
    let found = TABLE.what_is(ADDRESS)?;
    // The name and the start of the text are those of one module.
    assert_eq!(found.name().as_bytes(), name(found.offset), "the module at {}", found.offset);
    Some(found.offset)
}

/// Returns the name of a module: its number in each word.
fn name(number: u64) -> [u8; 48] {
    let mut name = [0; 48];
    for (index, digit) in name.iter_mut().enumerate() {
        *digit = b'0' + (number / 10_u64.pow(7 - index as u32 % 8) % 10) as u8;
    }
    name
}

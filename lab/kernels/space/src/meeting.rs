//! Places at which all harts wait for each other, and the judge looks at the machine.

use core::hint::spin_loop;
use core::sync::atomic::{AtomicUsize, Ordering};

use landfall::HartIndex;

use crate::machine::SPACE;

static ARRIVED: AtomicUsize = AtomicUsize::new(0);
static LEFT: AtomicUsize = AtomicUsize::new(0);

/// The state in which the judge finds the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// No hart changes tables, and harts hold mappings.
    Between,
    /// Each hart has ended all that it had.
    End,
}

/// Waits for all harts. Then the boot hart calls the function at which the judge stops.
pub(crate) fn meet(hart: HartIndex, harts: usize, moment: Moment) {
    let turn = ARRIVED.fetch_add(1, Ordering::AcqRel) / harts;
    wait(|| ARRIVED.load(Ordering::Acquire) >= (turn + 1) * harts);
    if hart == HartIndex::BOOT {
        match moment {
            Moment::Between => space_between(),
            Moment::End => space_end(),
        }
    }
    LEFT.fetch_add(if hart == HartIndex::BOOT { harts } else { 0 }, Ordering::AcqRel);
    wait(|| LEFT.load(Ordering::Acquire) >= (turn + 1) * harts);
}

fn wait(is_over: impl Fn() -> bool) {
    while !is_over() {
        SPACE.wait().serve();
        spin_loop();
    }
}

/// The judge stops here.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn space_between() {
    // Two functions that do the same could be one.
    core::hint::black_box(1);
}

/// The judge stops here.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn space_end() {
    core::hint::black_box(2);
}

//! The table of modules, which harts read while another one changes it.

use core::hint::spin_loop;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering, fence};

use landfall::address::VirtAddr;
use landfall_modules::{Part, Platform, ThisMachine};

use crate::TABLE;
use crate::machine::SPACE;

/// The names of the units, by hart.
pub(crate) const NAMES: [&str; 8] =
    ["unit-0", "unit-1", "unit-2", "unit-3", "unit-4", "unit-5", "unit-6", "unit-7"];

/// The texts of a unit that are noted.
const MOST: usize = 256;

/// A unit: the texts that it has had.
struct Unit {
    texts: [AtomicU64; MOST],
    noted: AtomicUsize,
    /// Loads that have begun, noted or not yet.
    begun: AtomicUsize,
}

static UNITS: [Unit; NAMES.len()] = [const { Unit::new() }; NAMES.len()];

/// Chooses the unit that a hart looks for.
static TURN: AtomicUsize = AtomicUsize::new(0);

/// Notes that a load of a unit begins.
pub(crate) fn begin(unit: usize) {
    UNITS[unit].begun.fetch_add(1, Ordering::AcqRel);
}

/// Looks for a module by an address. The table must name one that has had its text there.
pub(crate) fn look() {
    let unit = &UNITS[TURN.fetch_add(1, Ordering::Relaxed) % UNITS.len()];
    let noted = unit.noted.load(Ordering::Acquire);
    let Some(text) = noted.checked_sub(1).and_then(|last| unit.texts.get(last)) else { return };
    let address = text.load(Ordering::Relaxed);
    let Some(found) = TABLE.what_is(VirtAddr::new(address)) else { return };
    // The rest belongs to this test, and the table's own order must not rest on it.
    fence(Ordering::SeqCst);
    if found.part != Part::Text {
        return;
    }
    let Some(named) = NAMES.iter().position(|name| *name == found.name()) else {
        panic!("the table has no module {:?}", found.name())
    };
    let start = address - found.offset;
    while !UNITS[named].had(start) {
        SPACE.wait().serve();
        spin_loop();
    }
}

impl Unit {
    const fn new() -> Self {
        let texts = [const { AtomicU64::new(0) }; MOST];
        Self { texts, noted: AtomicUsize::new(0), begun: AtomicUsize::new(0) }
    }

    /// Returns true if the unit has had its text at an address, and false if that is not known yet.
    fn had(&self, start: u64) -> bool {
        let begun = self.begun.load(Ordering::Acquire);
        let noted = self.noted.load(Ordering::Acquire);
        let texts = &self.texts[..noted.min(MOST)];
        let had = noted > MOST || texts.iter().any(|text| text.load(Ordering::Relaxed) == start);
        assert!(had || noted < begun, "the table names a module that has never been at {start:#x}");
        had
    }

    fn note(&self, start: u64) {
        let noted = self.noted.load(Ordering::Relaxed);
        if let Some(text) = self.texts.get(noted) {
            text.store(start, Ordering::Relaxed);
        }
        self.noted.store(noted + 1, Ordering::Release);
    }
}

/// This machine. It notes the text of each unit that starts.
pub(crate) struct Noting;

// SAFETY: `ThisMachine` has the same effects.
unsafe impl Platform for Noting {
    unsafe fn store(&self, at: VirtAddr, bytes: &[u8]) {
        // SAFETY: the caller's.
        unsafe { ThisMachine.store(at, bytes) }
    }

    unsafe fn load(&self, at: VirtAddr, bytes: &mut [u8]) {
        // SAFETY: the caller's.
        unsafe { ThisMachine.load(at, bytes) }
    }

    unsafe fn initialize(&self, function: VirtAddr) -> i32 {
        // This hart has written the table itself, and no other one changes it meanwhile.
        if let Some(found) = TABLE.what_is(function)
            && let Some(unit) = NAMES.iter().position(|name| *name == found.name())
        {
            UNITS[unit].note(function.get() - found.offset);
        }
        // SAFETY: the caller's.
        unsafe { ThisMachine.initialize(function) }
    }

    unsafe fn exit(&self, function: VirtAddr) {
        // SAFETY: the caller's.
        unsafe { ThisMachine.exit(function) }
    }
}

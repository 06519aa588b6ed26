//! Finds the steps of a run, by looking at each instruction of the boot hart.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use landfall_hart::{Inspected, Inspector};
use serde::Serialize;

use crate::step;
use crate::symbols::Symbols;

/// The number of the CSR `cycle`. It counts the instructions of all harts of these machines.
const CYCLE: u16 = 0xc00;
/// The first function that runs at virtual addresses.
const LANDED: &str = "landfall_landed";

/// The first instruction of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Begin {
    pub(crate) step: u8,
    /// The instructions before it.
    pub(crate) at: u64,
    pub(crate) function: &'static str,
}

/// The places of the kernel's functions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    symbols: Symbols,
    size: u64,
    /// The image's first address: the physical one, and the virtual one when it is known.
    bases: [Option<u64>; 2],
}

impl Places {
    pub(crate) fn new(physical: u64, size: u64) -> Self {
        Self { symbols: Symbols::new(), size, bases: [Some(physical), None] }
    }

    /// Returns the function at a program counter.
    pub(crate) fn function(&self, pc: u64) -> Option<&'static str> {
        self.find(pc).map(|(name, _)| name)
    }

    fn find(&self, pc: u64) -> Option<(&'static str, Range<u64>)> {
        let base = *self.bases.iter().flatten().find(|base| pc.wrapping_sub(**base) < self.size)?;
        let (name, offsets) = self.symbols.at(pc - base)?;
        Some((name, base + offsets.start..base.saturating_add(offsets.end)))
    }

    /// The first program counter at a virtual address gives the image's place.
    fn learn(&mut self, pc: u64) {
        if pc >> 63 != 0 && self.bases[1].is_none() {
            self.bases[1] = self.symbols.offset(LANDED).map(|offset| pc.wrapping_sub(offset));
        }
    }
}

/// The steps that have begun.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    pub(crate) places: Places,
    pub(crate) begun: Vec<Begin>,
    hart: u64,
    /// The program counters of the function that runs.
    within: Range<u64>,
}

impl Tracker {
    pub(crate) fn new(hart: u64, places: Places) -> Rc<RefCell<Self>> {
        Rc::new(RefCell::new(Self { places, hart, ..Self::default() }))
    }
}

impl Inspector for Tracker {
    fn look(&mut self, hart: &Inspected<'_>) {
        let pc = hart.pc();
        if hart.id() != self.hart || self.within.contains(&pc) {
            return;
        }
        self.places.learn(pc);
        let Some((function, within)) = self.places.find(pc) else { return };
        self.within = within;
        let now = self.begun.last().map_or(0, |begin| begin.step);
        if let Some(step) = step::of(function, now)
            && let Some(at) = hart.csr(CYCLE)
        {
            self.begun.push(Begin { step, at, function });
        }
    }
}

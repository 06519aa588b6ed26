//! The harts, and their stacks.

use landfall::HartIndex;
use landfall::harts::{HartState, LandingHart};

use super::entry::landing;
use super::output::fill;
use super::range::Range;

/// The index of a hart without a stack: `LF_NO_HART`.
pub(super) const NO_HART: u32 = u32::MAX;

/// `struct lf_hart`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Hart {
    id: u64,
    index: u32,
    state: u32,
}

impl From<LandingHart> for Hart {
    fn from(found: LandingHart) -> Self {
        Self {
            id: found.hart.id,
            index: found.index.map_or(NO_HART, |index| index.get() as u32),
            state: code(found.state),
        }
    }
}

/// Returns the state's value of `enum lf_hart_state`.
const fn code(state: HartState) -> u32 {
    match state {
        HartState::Online => 0,
        HartState::Absent(_) => 1,
        HartState::Rejected => 2,
        HartState::NoAnswer => 3,
        HartState::ModeRefused => 4,
        // A state that this version does not know is one of a hart that does not run.
        _ => 5,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_harts(harts: *mut Hart, capacity: usize) -> usize {
    // SAFETY: the caller's.
    unsafe { fill(harts, capacity, landing().harts().map(Hart::from)) }
}

#[unsafe(no_mangle)]
extern "C" fn lf_online_harts() -> u32 {
    landing().online_harts().len() as u32
}

#[unsafe(no_mangle)]
extern "C" fn lf_hart_id(hart: u32) -> u64 {
    landing().hart(HartIndex::new(u64::from(hart))).map_or(u64::MAX, |found| found.hart.id)
}

#[unsafe(no_mangle)]
extern "C" fn lf_hart_index(id: u64) -> u32 {
    landing().harts().map(Hart::from).find(|hart| hart.id == id).map_or(NO_HART, |hart| hart.index)
}

/// Returns the index of a hart that has a stack.
pub(super) fn index(hart: u32) -> Option<HartIndex> {
    let index = HartIndex::new(u64::from(hart));
    landing().hart(index).map(|_| index)
}

#[unsafe(no_mangle)]
extern "C" fn lf_stack(hart: u32) -> Range {
    index(hart).map_or_else(Range::default, |index| landing().stack(index).into())
}

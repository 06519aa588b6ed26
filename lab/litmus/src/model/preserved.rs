//! Preserved program order, as far as one hart determines it: rules 1, 4 to 11 and 13.
//!
//! Rules 2, 3 and 12 depend on what loads return; [`super::graph`] has them.

use crate::inst::{Accesses, Fence};

use super::Strength;
use super::event::{Access, Event, Kind, Set};

/// Returns for each event the later ones that come after it in the global memory order.
pub(super) fn order(events: &[Event], strength: Strength) -> Vec<Set> {
    (0..events.len())
        .map(|first| {
            let Event::Access(before) = &events[first] else { return 0 };
            (first + 1..events.len()).fold(0, |set, second| match &events[second] {
                Event::Access(after)
                    if ordered(events, (first, before), (second, after))
                        || strength != Strength::Rvwmo && in_order(before, after)
                        || strength == Strength::Simulator
                            && before.writes()
                            && after.writes()
                            && events[first + 1..second].iter().any(drains) =>
                {
                    set | 1 << second
                }
                _ => set,
            })
        })
        .collect()
}

/// Returns true if all stores before the fence leave the simulator's buffers.
fn drains(event: &Event) -> bool {
    match event {
        Event::Fence(Fence::Normal(before, after)) => before.write && after.read,
        Event::Fence(Fence::Instruction) => true,
        Event::Fence(Fence::Tso) | Event::Access(_) => false,
    }
}

/// Returns true if a store comes after a load or store-conditional.
fn in_order(before: &Access, after: &Access) -> bool {
    after.writes() && (before.reads() || before.kind == Kind::Conditional)
}

/// Returns true if preserved program order puts the first access before the second.
fn ordered(events: &[Event], (first, before): (usize, &Access), (second, after): (usize, &Access)) -> bool {
    let depends = |sources: Set| sources >> first & 1 != 0;
    let between = &events[first + 1..second];
    // Rule 1: a store to the same address.
    after.writes() && before.overlaps(after)
        // Rule 4: a fence.
        || between.iter().any(|event| matches!(event, Event::Fence(fence) if orders(*fence, before, after)))
        // Rules 5 to 7: annotations.
        || before.order.acquire
        || after.order.release
        || before.is_rcsc() && after.is_rcsc()
        // Rule 8: a store-conditional and its load-reserved.
        || after.pair == Some(first)
        // Rules 9 to 11: dependencies.
        || depends(after.address_sources)
        || after.writes() && (depends(after.data_sources) || depends(after.control_sources))
        // Rule 13: a store after an access whose address depends.
        || after.writes()
            && between.iter().any(|event| matches!(event, Event::Access(access) if depends(access.address_sources)))
}

/// Returns true if a fence orders two accesses around it.
fn orders(fence: Fence, before: &Access, after: &Access) -> bool {
    let is_in = |access: &Access, set: Accesses| access.reads() && set.read || access.writes() && set.write;
    match fence {
        Fence::Normal(predecessors, successors) => is_in(before, predecessors) && is_in(after, successors),
        Fence::Tso => before.reads() || before.writes() && after.writes(),
        Fence::Instruction => false,
    }
}

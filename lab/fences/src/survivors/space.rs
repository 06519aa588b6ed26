//! Changes that survive in the code that the kernel `space` tries: the live address space, its
//! fences, and the editor.

use super::{Survivor, survivor};

const NO_PROMISES: &str = "An access that comes before a younger store is ordered by its value alone. The \
     simulator has no load buffering: no load sees a store that comes after it.";
const PAIR: &str = "Stores before loads are all that matters here. No fence of Rust orders them alone.";
const AT_ONCE: &str = "An AMO of the simulator acts on memory at once, so its store needs no order before the loads \
     and walks that follow. RVWMO orders them by the fence alone.";
const COMPLETE: &str = "The number is stored when the fences are complete, so a hart that reads it can only \
     fence later. The order is for what Rust's rules say of the two harts.";
const SOON: &str = "The stores of the critical section leave soon: the fence of the set of harts follows the \
     release, mostly before another hart has the lock.";
const SLOT: &str = "The bits order the request already: the hart that takes the slot next comes after the \
     loads that found them clear. The order is for what Rust's rules say of the request's bytes.";
const CACHES: &str = "The simulator has no caches of data.";
const DEVICE: &str =
    "The simulator's firmware interrupts a hart by a device write. Another one may store to memory.";
const ASIDS: &str = "The writes find the bits of an ASID, and put the root back. Without the first one there \
     are no ASIDs, and each entry of an address space fences. Without the second one another ASID is in use.";
const HANDLER: &str = "The handler of the kernel `space` takes no lock and enters no address space, so it may come at \
     any time.";
const NO_LOAD: &str = "No load before the store matters to the hart that finds it.";

/// The changes.
pub(super) const SURVIVORS: &[Survivor] = &[
    survivor("crates/landfall-paging/src/memory.rs", "fence rw, w as fence w, w", NO_LOAD),
    survivor("crates/landfall-space/src/change.rs", "", COMPLETE),
    survivor("crates/landfall-space/src/harts.rs: fn to_fence", "fence rw, rw as fence rw, r", PAIR),
    survivor("crates/landfall-space/src/harts.rs: fn to_fence", "fence rw, rw as fence w, rw", PAIR),
    survivor("crates/landfall-space/src/harts.rs: fn join", "fence rw, rw as fence r, rw", AT_ONCE),
    survivor("crates/landfall-space/src/harts.rs: fn join", "fence rw, rw as fence rw, r", PAIR),
    survivor("crates/landfall-space/src/harts.rs: fn join", "fence rw, rw as fence w, rw", PAIR),
    survivor("crates/landfall-space/src/harts.rs: load(order)", "fence r, rw as fence r, r", NO_PROMISES),
    survivor("crates/landfall-space/src/lock.rs: store(false", "fence rw, w as fence w, w", NO_PROMISES),
    survivor("crates/landfall-space/src/lock.rs: store(false", "no fence rw, w", SOON),
    survivor("crates/landfall-space/src/lock.rs: store(false", "fence rw, w as fence r, w", SOON),
    survivor("crates/landfall-space/src/request.rs: taken.swap", "amo.aq without order", NO_PROMISES),
    survivor("crates/landfall-space/src/request.rs: taken.store", "", SLOT),
    survivor("crates/landfall/src/machine/space/cache.rs", "", CACHES),
    survivor("crates/landfall/src/machine/space/local.rs: csrw satp", "no csrw satp", ASIDS),
    survivor("crates/landfall/src/machine/space/local.rs: fn without_interrupts", "no csr", HANDLER),
    survivor(
        "crates/landfall/src/machine/space/local.rs: fence rw, ow",
        "fence rw, ow as fence rw, o",
        DEVICE,
    ),
    survivor(
        "crates/landfall/src/machine/space/local.rs: fence rw, ow",
        "fence rw, ow as fence w, ow",
        NO_LOAD,
    ),
];

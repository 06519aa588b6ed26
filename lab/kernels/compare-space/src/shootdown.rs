//! The end of a mapping, with its fence on every hart.
//!
//! Under `-icount` QEMU runs harts in turns, and `instret` counts those of all harts. A hart that
//! waits in the firmware runs until its turn ends. So the remote fence is left out: its count
//! differs from run to run.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

use compare_count::counted;
use landfall::HartIndex;
use landfall::address::{PAGE_SIZE, PhysRange};
use landfall::harts::HartSet;
use landfall::space::{
    Area, DataAccess, Explanation, FenceFailed, FenceRequest, LandedStacks, LiveSpace, Memory, Region,
    RemoteFences, SbiFences, Withdrawal,
};

use crate::pool::{Grounds, Pool};
use crate::work::Count;

/// The live address space of this kernel.
pub(crate) type Space = LiveSpace<Pool, LandedStacks, CountedFences>;

/// The SBI's fences on other harts, counted.
#[derive(Debug)]
pub(crate) struct CountedFences(pub(crate) SbiFences);

/// Instructions of all harts during remote fences.
static REMOTE: AtomicU64 = AtomicU64::new(0);

// SAFETY: the SBI's fences do the work.
unsafe impl RemoteFences for CountedFences {
    fn fence(
        &self,
        harts: &HartSet,
        request: FenceRequest,
        here: HartIndex,
        execute: impl FnMut(FenceRequest),
    ) -> Result<(), FenceFailed> {
        let before = instret();
        let result = self.0.fence(harts, request, here, execute);
        REMOTE.store(instret().wrapping_sub(before), Ordering::Relaxed);
        result
    }
}

fn instret() -> u64 {
    let count: u64;
    // SAFETY: it reads a register.
    unsafe { asm!("rdinstret {}", out(reg) count, options(nostack, preserves_flags)) };
    count
}

struct Context<'s> {
    space: &'s Space,
    area: Option<Area>,
}

/// Counts an unmapping of one page until no hart translates to it, without the remote fence. The
/// first one is not counted: it may make tables.
pub(crate) fn count(space: &Space, grounds: &Grounds) -> Count {
    let [_, count] = [(); 2].map(|()| {
        // SAFETY: the memory has no other user, and the mapping before has ended.
        let memory = unsafe { Memory::new(PhysRange::new(grounds.at(0), PAGE_SIZE)) };
        let area = space.map(memory, DataAccess::ReadWrite, Region::Dynamic).ok();
        let first = area.as_ref().map(|area| area.range().start());
        REMOTE.store(0, Ordering::Relaxed);
        let counted = counted(unmap, &mut Context { space, area });
        let remote = REMOTE.load(Ordering::Relaxed);
        let is_right = counted.result != 0
            && first.is_some_and(|first| matches!(space.what_is(first), Explanation::Landed(_)));
        Count { instructions: counted.instructions - remote, is_right }
    });
    count
}

extern "C" fn unmap(context: &mut Context<'_>) -> u64 {
    let Some(area) = context.area.take() else { return 0 };
    context.space.unmap(area).is_ok_and(|withdrawal| Withdrawal::complete(withdrawal).is_ok()).into()
}

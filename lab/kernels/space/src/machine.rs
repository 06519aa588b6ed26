//! The live address space, its frames, and the numbers of harts.

use core::sync::atomic::{AtomicBool, Ordering};

use landfall::address::{LinearAddr, PAGE_SIZE, PhysAddr, PhysRange, VirtRange};
use landfall::harts::HartSet;
use landfall::paging::{Fence, Frames};
use landfall::space::{
    CurrentHart, FenceFailed, FenceRequest, IpiFences, KernelSpace, LiveMachine, Placing, RemoteFences,
    SbiFences, SbiIpi, SpaceOptions,
};
use landfall::{HartIndex, Landing};
use spin::Once;

use crate::{store, user_mode};

/// The space's machine.
pub(crate) type Live = LiveMachine<FreeFrames, Stacks, Fences>;
pub(crate) type Space = KernelSpace<Live>;

pub(crate) static SPACE: Once<Space> = Once::new();

/// Bytes that mappings hold: a multiple of 2 MiB.
const POOL: u64 = 16 << 20;

/// The way in which harts fence others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Sbi,
    Ipi,
}

/// Takes the tables over.
pub(crate) fn take_over(landing: &'static Landing, way: Way) -> Space {
    let Some(tables) = landing.take_tables() else { panic!("nothing else takes the tables") };
    let Some(free) = landing.free_memory().max_by_key(|range| range.size()) else { panic!("no memory") };
    let pool = PhysRange::new(PhysAddr::new(free.start().get().next_multiple_of(2 << 20)), POOL);
    let rest = PhysRange::between(pool.end(), free.end());
    assert!(free.contains(pool) && rest.size() > POOL, "too little memory is free");
    // SAFETY: free memory that nothing else uses.
    unsafe { store::fill(pool) };
    let fences = match way {
        Way::Sbi => Fences::Sbi(SbiFences::of(landing)),
        Way::Ipi => Fences::Ipi(IpiFences::new(landing, SbiIpi::of(landing))),
    };
    let placing = match landing.take_entropy() {
        Some(entropy) => Placing::Random(*entropy.bytes()),
        None => Placing::FirstFit,
    };
    let options = SpaceOptions { placing, pools: &[pool] };
    match tables.into_space_with(FreeFrames { rest, given_back: None }, &options, Stacks(landing), fences) {
        Ok(space) => space,
        Err(error) => panic!("{error}"),
    }
}

/// The bits of an entry for frames that no table uses, a leaf to the frame itself. A walk that
/// comes too late succeeds, so the address can be read.
const TOO_LATE: u64 = 0xff & !0x30;

/// The page of a leaf of 64 KiB that a directed round changes.
pub(crate) const CHANGED_PAGE: u64 = 5;

/// True for a mutant: fences of 64 KiB on other harts reach the page alone that has changed.
static NARROW: AtomicBool = AtomicBool::new(false);

/// Makes the kernel the mutant of its fences for parts of a leaf of 64 KiB.
pub(crate) fn narrow_fences() {
    NARROW.store(true, Ordering::Relaxed);
}

/// Returns the request that the mutant makes of one for 64 KiB.
fn narrow(request: FenceRequest) -> FenceRequest {
    match request {
        FenceRequest::Kernel(Fence::Leaves(range))
            if NARROW.load(Ordering::Relaxed) && range.size() == 16 * PAGE_SIZE =>
        {
            let page = range.start().wrapping_add(CHANGED_PAGE * PAGE_SIZE);
            FenceRequest::Kernel(Fence::Leaves(VirtRange::new(page, PAGE_SIZE)))
        }
        other => other,
    }
}

/// Frames: those that were given back first.
pub(crate) struct FreeFrames {
    rest: PhysRange,
    /// Each frame holds the address of the next in its first word.
    given_back: Option<PhysAddr>,
}

// SAFETY: each frame of the range is given out once, and again after it was given back. The linear
// map holds them.
unsafe impl Frames for FreeFrames {
    fn take(&mut self) -> Option<PhysAddr> {
        if let Some(frame) = self.given_back {
            // SAFETY: `give_back` has written it.
            let next = unsafe { LinearAddr::from_phys(frame).as_ptr::<u64>().read() };
            self.given_back = (next != 0).then_some(PhysAddr::new(next));
            return Some(frame);
        }
        let frame = self.rest.start();
        self.rest = PhysRange::between(frame.wrapping_add(PAGE_SIZE), self.rest.end());
        (!self.rest.is_empty()).then_some(frame)
    }

    fn give_back(&mut self, frame: PhysAddr) {
        let next = self.given_back.map_or(0, PhysAddr::get);
        let words = LinearAddr::from_phys(frame).as_ptr::<u64>();
        for index in 1..PAGE_SIZE as usize / 8 {
            // SAFETY: nothing else uses the frame, and no hart walks it.
            unsafe { words.add(index).write(frame.get() >> 2 | TOO_LATE) };
        }
        // SAFETY: as above.
        unsafe { words.write(next) };
        self.given_back = Some(frame);
    }
}

/// Harts on the landing's stacks, and on those for traps from user mode.
pub(crate) struct Stacks(&'static Landing);

// SAFETY: each of the stacks is one hart's.
unsafe impl CurrentHart for Stacks {
    fn current(&self) -> HartIndex {
        let sp = user_mode::stack_pointer();
        match user_mode::hart_of(sp).or_else(|| self.0.plan().stacks.hart_of(sp)) {
            Some(hart) => hart,
            None => panic!("sp is in no stack"),
        }
    }
}

/// Fences by either way.
pub(crate) enum Fences {
    Sbi(SbiFences),
    Ipi(IpiFences<SbiIpi>),
}

// SAFETY: both are fences by the same contract.
unsafe impl RemoteFences for Fences {
    fn fence(
        &self,
        harts: &HartSet,
        request: FenceRequest,
        here: HartIndex,
        execute: impl FnMut(FenceRequest),
    ) -> Result<(), FenceFailed> {
        let request = narrow(request);
        match self {
            Self::Sbi(fences) => fences.fence(harts, request, here, execute),
            Self::Ipi(fences) => fences.fence(harts, request, here, execute),
        }
    }

    fn serve(&self, here: HartIndex, execute: impl FnMut(FenceRequest)) {
        match self {
            Self::Sbi(fences) => fences.serve(here, execute),
            Self::Ipi(fences) => fences.serve(here, execute),
        }
    }
}

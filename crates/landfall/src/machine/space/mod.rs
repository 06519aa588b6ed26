//! The machine of a live address space: the landing's tables, this hart's registers and fences, and
//! the fences of the other harts.
//!
//! ```text
//! tables   page tables through the linear map
//! hart     the number of the calling hart
//! local    registers and fences of the calling hart
//! cache    dropping cached data
//! sbi      fences on other harts, by the SBI
//! ipi      fences on other harts, by the kernel's own interrupts
//! errata   parts whose fences have known faults
//! ```

mod cache;
mod errata;
mod hart;
mod ipi;
mod local;
mod sbi;
mod tables;

use core::fmt;
use core::marker::PhantomData;

use landfall_paging::{Frames, PhysRange, Satp, VirtRange};
use landfall_plan::harts::{HartIndex, HartSet};
use landfall_space::{FenceFailed, FenceRequest, KernelSpace, Machine, Options, Placing, SpaceError, Svpbmt};
use landfall_tree::{HartFeatures, Tree};

use super::landing::Landing;
use super::takeover::LandedTables;

pub use hart::{CurrentHart, LandedStacks};
pub use ipi::{IpiFences, SbiIpi};
pub use sbi::SbiFences;

use errata::FencePrecision;
use tables::LiveTables;

/// Fences on other harts.
///
/// # Safety
/// [`RemoteFences::fence`] returns `Ok` only after each hart of the set has executed the fence. All
/// stores that the caller made before are visible to that fence.
pub unsafe trait RemoteFences: Sync {
    /// Executes a fence on each hart of `harts`, which does not contain the calling one, `here`.
    /// Interrupts are off. If other harts request fences of this one meanwhile, `execute` executes
    /// them.
    ///
    /// # Errors
    /// [`FenceFailed`] if a hart may not have executed it.
    fn fence(
        &self,
        harts: &HartSet,
        request: FenceRequest,
        here: HartIndex,
        execute: impl FnMut(FenceRequest),
    ) -> Result<(), FenceFailed>;

    /// Serves the fences that other harts have requested of the calling one, hart `here`, by
    /// calling `execute` with each. Interrupts are off.
    fn serve(&self, here: HartIndex, execute: impl FnMut(FenceRequest)) {
        let _ = (here, execute);
    }
}

/// The machine that the kernel has landed on. `F` is the kernel's source of frames, `H` names the
/// calling hart, and `R` fences the other harts.
///
/// Only [`LandedTables::into_space`] and [`LandedTables::into_space_with`] make one.
pub struct LiveMachine<F, H = LandedStacks, R = SbiFences> {
    hart: H,
    remote: R,
    asid_bits: u32,
    precision: FencePrecision,
    cache_block: Option<u32>,
    frames: PhantomData<fn() -> F>,
}

impl<F, H, R> fmt::Debug for LiveMachine<F, H, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveMachine")
            .field("asid_bits", &self.asid_bits)
            .field("precision", &self.precision)
            .field("cache_block", &self.cache_block)
            .finish_non_exhaustive()
    }
}

/// The kernel's half of the address space, on the machine that the kernel has landed on.
pub type LiveSpace<F, H = LandedStacks, R = SbiFences> = KernelSpace<LiveMachine<F, H, R>>;

/// Choices for a live address space, besides those of the landing.
#[derive(Clone, Debug)]
pub struct SpaceOptions<'a> {
    /// The choice of addresses.
    pub placing: Placing,
    /// Memory that may become executable or uncached later: parts of [`Landing::free_memory`].
    pub pools: &'a [PhysRange],
}

impl LandedTables {
    /// Takes the tables over for good, as a live address space. New tables come from `frames`.
    ///
    /// Remote fences go through the SBI. The calling hart's number follows from the stack of the
    /// landing on which it runs, and a call on another stack panics:
    /// [`LandedTables::into_space_with`] changes both.
    ///
    /// # Errors
    /// As [`KernelSpace::new`]; [`SpaceError::NoSuchMemory`] also for a pool that is not within one
    /// range of free memory.
    pub fn into_space<F: Frames + Send>(
        self,
        frames: F,
        options: &SpaceOptions<'_>,
    ) -> Result<LiveSpace<F>, SpaceError> {
        let (hart, remote) = (LandedStacks::of(self.landing), SbiFences::of(self.landing));
        self.into_space_with(frames, options, hart, remote)
    }

    /// As [`LandedTables::into_space`], for a kernel with stacks of its own, or with its own
    /// interrupts between harts.
    ///
    /// # Errors
    /// As [`LandedTables::into_space`].
    pub fn into_space_with<F: Frames + Send, H: CurrentHart, R: RemoteFences>(
        self,
        frames: F,
        options: &SpaceOptions<'_>,
        hart: H,
        remote: R,
    ) -> Result<LiveSpace<F, H, R>, SpaceError> {
        let landing = self.landing;
        let is_free = |pool: &PhysRange| landing.free_memory().any(|free| free.contains(*pool));
        if let Some(pool) = options.pools.iter().find(|pool| !is_free(pool)) {
            return Err(SpaceError::NoSuchMemory(*pool));
        }
        let harts = landing.harts_in_the_tables();
        let features = features(landing, &harts);
        let machine = LiveMachine {
            hart,
            remote,
            asid_bits: local::asid_bits(),
            precision: errata::precision(),
            cache_block: features.and_then(|features| features.cache_block),
            frames: PhantomData,
        };
        let svpbmt = match features {
            Some(HartFeatures { svpbmt: true, .. }) => Svpbmt::Present,
            _ => Svpbmt::Absent,
        };
        let options =
            Options { online: &harts, placing: options.placing.clone(), pools: options.pools, svpbmt };
        // SAFETY: these are the tables of this landing, which are taken once, and whose owner ends
        // here. No hart but these lands in them. The pools are free memory, which the linear map
        // holds.
        unsafe { KernelSpace::new(machine, landing.plan(), landing.facts(), frames, &options) }
    }
}

/// Returns the features that all these harts have. `None` if the tree cannot be read any more.
fn features(landing: &Landing, harts: &HartSet) -> Option<HartFeatures> {
    let tree = Tree::new(landing.tree()).ok()?;
    let is_asked = |id| landing.on_stacks().any(|(index, hart)| hart.id == id && harts.contains(index));
    Some(tree.hart_features(is_asked))
}

// SAFETY: `LiveTables` reaches all RAM, through the linear map. `CurrentHart` and `RemoteFences`
// are unsafe traits with the same contracts. The rest is one register or one fence of this hart.
unsafe impl<F: Frames + Send, H: CurrentHart, R: RemoteFences> Machine for LiveMachine<F, H, R> {
    type Tables = LiveTables;
    type Frames = F;

    fn tables(&self) -> LiveTables {
        LiveTables::NEW
    }

    fn current_hart(&self) -> HartIndex {
        self.hart.current()
    }

    fn without_interrupts<T>(&self, f: impl FnOnce() -> T) -> T {
        local::without_interrupts(f)
    }

    fn fence_here(&self, request: FenceRequest) {
        local::fence(self.precision.widen(request));
    }

    fn fence_there(&self, harts: &HartSet, request: FenceRequest) -> Result<(), FenceFailed> {
        let request = self.precision.widen(request);
        self.remote.fence(harts, request, self.current_hart(), |request| self.fence_here(request))
    }

    fn serve(&self) {
        local::without_interrupts(|| {
            self.remote.serve(self.current_hart(), |request| self.fence_here(request));
        });
    }

    fn write_satp(&self, satp: Satp) {
        // SAFETY: the space gives a root whose upper half is the kernel's.
        unsafe { local::write_satp(satp) };
    }

    fn asid_bits(&self) -> u32 {
        self.asid_bits
    }

    fn flush_data(&self, range: VirtRange) -> Option<()> {
        self.cache_block.map(|block| cache::flush(range, u64::from(block)))
    }
}

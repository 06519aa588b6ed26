//! The owner of the live tables.

use core::fmt;

use landfall_paging::{
    Access, EditError, Editor, Entry, Fence, Frames, LeafFormat, LeafSize, Mode, PAGE_SIZE, PhysAddr,
    PhysRange, TableMemory, TableReader, VirtAddr, VirtRange, deciding_entry,
};
use landfall_plan::{Facts, Plan};

use crate::asids::Asids;
use crate::change::{Change, Changes};
use crate::error::SpaceError;
use crate::fence::{FenceFailed, FenceRequest};
use crate::hart::HartSet;
use crate::harts::HartMask;
use crate::lock::Lock;
use crate::machine::Machine;
use crate::place::{Placer, Placing, Tables};

/// A region in which the space maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// The dynamic region.
    Dynamic,
    /// The near region: within 2 GiB of the kernel's text.
    Near,
}

/// The choices for a space, besides the landing.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The harts that use the landing's tables.
    pub online: &'a HartSet,
    /// The choice of addresses.
    pub placing: Placing,
    /// Memory that may become executable or uncached later. Root entries that map it are split now,
    /// before other roots have copies of them.
    pub pools: &'a [PhysRange],
    /// Every hart has Svpbmt.
    pub svpbmt: Svpbmt,
}

/// The support of all harts for memory types in leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Svpbmt {
    /// Some hart cannot.
    Absent,
    /// All harts can.
    Present,
}

/// The kernel's half of the address space, while the kernel runs. One value owns the tables in
/// which all harts run. Every method may be called on any of these harts.
pub struct KernelSpace<M: Machine> {
    pub(crate) machine: M,
    pub(crate) plan: &'static Plan,
    pub(crate) facts: &'static Facts,
    pub(crate) format: LeafFormat,
    /// The harts that may hold translations of the kernel's half. None ever leaves.
    harts: HartMask,
    pub(crate) changes: Changes,
    pub(crate) state: Lock<State<M::Frames>>,
}

/// The state that the lock guards besides the tables.
pub(crate) struct State<F> {
    pub(crate) frames: F,
    pub(crate) placer: Placer,
    pub(crate) asids: Asids,
}

impl<M: Machine> fmt::Debug for KernelSpace<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KernelSpace")
            .field("format", &self.format)
            .field("harts", &self.harts)
            .finish_non_exhaustive()
    }
}

/// An editor of the kernel's half, while the lock is held.
pub(crate) type KernelEditor<'a, M> = Editor<Mode, <M as Machine>::Tables, &'a mut <M as Machine>::Frames>;

impl<M: Machine> KernelSpace<M> {
    /// Takes the landing's tables over. Root entries of the dynamic and the near region get tables,
    /// as many as the regions' sizes need. From then on no root entry of the kernel's half changes.
    ///
    /// # Safety
    /// - `plan` and `facts` are those of the landing whose tables `machine` reaches, and nothing
    ///   else changes these tables from here on.
    /// - Each hart that uses the tables is in `options.online`, or calls [`KernelSpace::join`]
    ///   before it uses addresses of the two regions.
    /// - The pools are RAM of the linear map that holds no part of the image.
    ///
    /// # Errors
    /// [`SpaceError::Tables`] and [`SpaceError::OutOfFrames`] if `frames` has too few,
    /// [`SpaceError::NoSuchMemory`] for a pool outside of the linear map, [`SpaceError::Fence`].
    pub unsafe fn new(
        machine: M,
        plan: &'static Plan,
        facts: &'static Facts,
        frames: M::Frames,
        options: &Options<'_>,
    ) -> Result<Self, SpaceError> {
        let format = match options.svpbmt {
            Svpbmt::Present => plan.format.with_svpbmt(),
            Svpbmt::Absent => plan.format,
        };
        let asids = Asids::new(machine.asid_bits());
        let state = State { frames, placer: Placer::new(&options.placing), asids };
        let harts = HartMask::of(options.online);
        let changes = Changes::new();
        let space = Self { machine, plan, facts, format, harts, changes, state: Lock::new(state) };
        space.state.with(&space.machine, |state| {
            for region in [plan.dynamic, plan.near] {
                space.fill_root(&mut state.frames, region)?;
            }
            options.pools.iter().try_for_each(|pool| space.split_root(&mut state.frames, *pool))
        })?;
        space.complete(space.changes.note(Fence::All))?;
        Ok(space)
    }

    /// Adds the calling hart, which was started after the space was made. It must call this before
    /// it uses an address of the dynamic or the near region.
    pub fn join(&self) {
        self.machine.without_interrupts(|| {
            self.harts.join(self.machine.current_hart());
            self.machine.fence_here(FenceRequest::Kernel(Fence::All));
        });
    }

    /// Serves the fences that other harts have requested of the calling one by interrupts. The
    /// handler of such an interrupt calls it, and so does each loop in which a hart waits with
    /// interrupts off.
    pub fn serve(&self) {
        self.machine.serve();
    }

    /// Returns the addresses of a region.
    #[must_use]
    pub const fn region(&self, region: Region) -> VirtRange {
        match region {
            Region::Dynamic => self.plan.dynamic,
            Region::Near => self.plan.near,
        }
    }

    /// Returns the plan of the landing.
    #[must_use]
    pub const fn plan(&self) -> &'static Plan {
        self.plan
    }

    /// Returns the linear address of memory.
    #[must_use]
    pub fn linear(&self, memory: PhysRange) -> VirtRange {
        VirtRange::new(self.plan.linear.virt(memory.start()), memory.size())
    }

    pub(crate) const fn mode(&self) -> Mode {
        self.plan.mode
    }

    pub(crate) const fn root(&self) -> PhysAddr {
        self.plan.block.start()
    }

    pub(crate) fn tables(&self) -> Tables<M::Tables> {
        Tables { memory: self.machine.tables(), mode: self.mode(), root: self.root() }
    }

    /// Returns the editor of the kernel's half. The lock is held: `frames` is its value.
    pub(crate) fn editor<'a>(&self, frames: &'a mut M::Frames) -> KernelEditor<'a, M> {
        let owned = [self.plan.dynamic, self.plan.near];
        // SAFETY: these are the landing's tables, of which the space is the only owner, and the
        // caller holds the lock. Other roots share tables; no operation here gives one back.
        unsafe { Editor::new(self.mode(), self.format, self.machine.tables(), frames, self.root(), owned) }
    }

    /// Executes the fence of a change of the kernel's half, on all harts that may hold its
    /// translations.
    pub(crate) fn complete(&self, change: Change) -> Result<(), FenceFailed> {
        self.fence(FenceRequest::Kernel(change.fence()), &self.harts)?;
        self.changes.done(change);
        Ok(())
    }

    /// Calls `f` with the editor, with the lock held.
    pub(crate) fn with_editor<R>(&self, f: impl FnOnce(&mut KernelEditor<'_, M>) -> R) -> R {
        self.state.with(&self.machine, |state| f(&mut self.editor(&mut state.frames)))
    }

    /// Changes the kernel's half.
    pub(crate) fn change(
        &self,
        change: impl FnOnce(&mut KernelEditor<'_, M>) -> Result<Fence, EditError>,
    ) -> Result<Change, EditError> {
        self.with_editor(|editor| change(editor).map(|fence| self.changes.note(fence)))
    }

    /// Executes `fence.i` on all harts.
    pub(crate) fn fence_instructions(&self) -> Result<(), FenceFailed> {
        self.fence(FenceRequest::Instructions, &self.harts)
    }

    /// Executes a fence on the harts of `harts`.
    pub(crate) fn fence(&self, request: FenceRequest, harts: &HartMask) -> Result<(), FenceFailed> {
        self.machine.without_interrupts(|| {
            let here = self.machine.current_hart();
            let mut others = harts.to_fence();
            if others.remove(here) {
                self.machine.fence_here(request);
            }
            if others.is_empty() { Ok(()) } else { self.machine.fence_there(&others, request) }
        })
    }

    /// Gives each root entry that serves addresses of `region` a table.
    fn fill_root(&self, frames: &mut M::Frames, region: VirtRange) -> Result<(), SpaceError> {
        let mut memory = self.machine.tables();
        if region.is_empty() {
            return Ok(());
        }
        let (first, last) = (self.root_entry(region.start()), self.root_entry(region.end().wrapping_sub(1)));
        for at in (first.get()..=last.get()).step_by(8).map(PhysAddr::new) {
            if !memory.read(at).is_valid() {
                let table = frames.take().ok_or(SpaceError::OutOfFrames)?;
                memory.write_invalid(table, 512);
                memory.publish();
                memory.write_run(at, Entry::table(table), 0, 1);
            }
        }
        Ok(())
    }

    /// Splits the root entries that map a pool in the linear map.
    fn split_root(&self, frames: &mut M::Frames, pool: PhysRange) -> Result<(), SpaceError> {
        if pool.is_empty() || !self.plan.linear.mapped(self.facts).any(|mapped| mapped.contains(pool)) {
            return Err(SpaceError::NoSuchMemory(pool));
        }
        let linear = self.linear(pool);
        let reach = self.mode().largest_leaf().bytes();
        let mut virt = linear.start();
        while linear.contains_address(virt) {
            if self.is_root_leaf(virt) {
                let mut editor = self.editor(&mut *frames);
                // SAFETY: the access stays as it is, for the pool is no part of the image.
                let _split = unsafe { editor.protect_anywhere(virt, PAGE_SIZE, Access::ReadWrite)? };
            }
            virt = virt.align_down(reach).wrapping_add(reach);
        }
        Ok(())
    }

    /// Returns true if a root entry maps `virt`.
    pub(crate) fn is_root_leaf(&self, virt: VirtAddr) -> bool {
        let (entry, size) = deciding_entry(&self.machine.tables(), self.mode(), self.root(), virt);
        entry.is_valid() && size == self.mode().largest_leaf()
    }

    fn root_entry(&self, virt: VirtAddr) -> PhysAddr {
        let index = virt.get() / self.mode().largest_leaf().bytes() % 512;
        self.root().wrapping_add(index * 8)
    }

    /// Returns the alignment by which the largest leaves fit a mapping of `memory`, and the residue
    /// of its first address.
    pub(crate) fn alignment(&self, memory: PhysRange) -> (u64, u64) {
        let fits = |leaf: &LeafSize| {
            let first = memory.start().get().next_multiple_of(leaf.bytes());
            let exists = *leaf != LeafSize::K64 || self.format.has_napot();
            // A root entry is a table for good.
            exists
                && leaf.level() + 1 < self.mode().levels()
                && first.checked_add(leaf.bytes()).is_some_and(|end| end <= memory.end().get())
        };
        let sizes = [LeafSize::G1, LeafSize::M2, LeafSize::K64];
        let align = sizes.into_iter().find(fits).unwrap_or(LeafSize::K4).bytes();
        (align, memory.start().get() & (align - 1))
    }
}

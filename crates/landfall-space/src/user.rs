//! User address spaces: roots that share the kernel's half.
//!
//! The kernel's half of a root is a copy of the kernel's own. Its entries never change once the
//! space exists, so later mappings of the kernel appear below them in every root. Leaves of the
//! lower half are for user mode and never global. Tables of the lower half belong to one root.

use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::sync::atomic::Ordering;

use landfall_paging::{
    Access, EditError, Editor, Fence, Frames, Mapping, Mode, PhysAddr, Satp, TableMemory, TableReader,
    Translation, VirtAddr, VirtRange, translate,
};

use crate::asid::Asid;
use crate::change::{Change, Changes};
use crate::error::{Refused, SpaceError};
use crate::fence::{FenceFailed, FenceRequest};
use crate::hart::HartIndex;
use crate::harts::HartMask;
use crate::kernel::KernelSpace;
use crate::machine::Machine;
use crate::memory::Memory;

/// Entries of a root, half of which serve each half of the address space.
const HALF: usize = 256;

/// An address space of user mode. Dropping it loses its memory: [`UserSpace::destroy`] returns it.
#[derive(Debug)]
#[must_use = "dropping it loses its memory; `destroy` returns it"]
pub struct UserSpace<'k, M: Machine> {
    kernel: &'k KernelSpace<M>,
    root: PhysAddr,
    asid: Asid,
    /// The harts that may hold translations of it.
    harts: HartMask,
    /// The harts whose `satp` names its root. Each has left before [`UserSpace::destroy`] owns the
    /// value, or never leaves, so the set orders nothing.
    running: HartMask,
    changes: Changes,
}

type UserEditor<'a, M> = Editor<Mode, <M as Machine>::Tables, &'a mut <M as Machine>::Frames>;

impl<M: Machine> KernelSpace<M> {
    /// Returns a new address space, in which the lower half is empty.
    ///
    /// # Errors
    /// [`SpaceError::OutOfAsids`] and [`SpaceError::OutOfFrames`].
    pub fn user_space(&self) -> Result<UserSpace<'_, M>, SpaceError> {
        self.state.with(&self.machine, |state| {
            let mut memory = self.machine.tables();
            let asid = state.asids.take(&mut memory, &mut state.frames)?;
            let Some(root) = state.frames.take() else {
                state.asids.give_back(asid, &mut memory);
                return Err(SpaceError::OutOfFrames);
            };
            memory.write_invalid(root, HALF);
            for index in HALF..2 * HALF {
                let offset = index as u64 * 8;
                let entry = memory.read(self.root().wrapping_add(offset));
                memory.write_run(root.wrapping_add(offset), entry, 0, 1);
            }
            let (harts, running, changes) = (HartMask::new(), HartMask::new(), Changes::new());
            Ok(UserSpace { kernel: self, root, asid, harts, running, changes })
        })
    }

    /// Makes the calling hart translate through the kernel's own root.
    fn leave_users(&self) {
        self.machine.write_satp(Satp::new(self.mode(), self.root()));
    }
}

impl<'k, M: Machine> UserSpace<'k, M> {
    pub(crate) const fn kernel(&self) -> &'k KernelSpace<M> {
        self.kernel
    }

    /// Returns the root table.
    #[must_use]
    pub const fn root(&self) -> PhysAddr {
        self.root
    }

    /// Returns the number by which harts know it.
    #[must_use]
    pub const fn asid(&self) -> Asid {
        self.asid
    }

    /// Maps memory for user mode, with the largest leaves that fit. The kernel writes to the memory
    /// at its linear address.
    ///
    /// Harts that run the address space see the mapping when this returns.
    ///
    /// # Errors
    /// [`SpaceError::Tables`] and [`SpaceError::Fence`].
    pub fn map(&self, virt: VirtAddr, memory: Memory, access: Access) -> Result<(), Refused<Memory>> {
        let range = memory.range();
        let mapping = Mapping { virt, phys: range.start(), size: range.size(), access };
        if let Err(error) = self.fence_instructions(access) {
            return Err(Refused::new(error, memory));
        }
        match self.change(|editor| editor.map(mapping)) {
            Ok(change) => self.complete(change).map_err(Refused::withheld),
            Err(error) => Err(Refused::new(error, memory)),
        }
    }

    /// Changes the permission of a stretch that is mapped. No page can be written and executed:
    /// between the two, harts can only read.
    ///
    /// # Errors
    /// [`SpaceError::Tables`] and [`SpaceError::Fence`]; the old permission may stay in use then.
    pub fn protect(&self, stretch: VirtRange, access: Access) -> Result<(), SpaceError> {
        let (virt, size) = (stretch.start(), stretch.size());
        // Harts that keep the old leaf must not write what others execute already.
        let reads = self.change(|editor| editor.protect(virt, size, Access::ReadOnly))?;
        self.complete(reads)?;
        self.fence_instructions(access)?;
        if access != Access::ReadOnly {
            let change = self.change(|editor| editor.protect(virt, size, access))?;
            self.complete(change)?;
        }
        Ok(())
    }

    /// Unmaps a stretch that is mapped, and calls `each` with its memory once no hart translates to
    /// it. Tables that become empty are given back.
    ///
    /// `each` runs with interrupts off, and must not use an address space.
    ///
    /// # Errors
    /// [`SpaceError::Tables`] and [`SpaceError::Fence`]; then memory and addresses are withheld for
    /// good.
    pub fn unmap(&self, stretch: VirtRange, mut each: impl FnMut(Memory)) -> Result<(), SpaceError> {
        let (virt, size) = (stretch.start(), stretch.size());
        let withdrawn = self.change(|editor| editor.withdraw(virt, size))?;
        self.complete(withdrawn)?;
        self.with_editor(|editor| {
            // SAFETY: every hart that may hold translations has executed the fence, and the leaves
            // held this memory.
            unsafe { editor.sweep(virt, size, |range| each(Memory::new(range))) };
            if editor.withdraw_tables(stretch) {
                // No hart maps in these tables meanwhile: the lock is held.
                self.complete(self.changes.note(Fence::All))?;
                // SAFETY: as above.
                unsafe { editor.sweep_tables(stretch) };
            }
            Ok(())
        })
    }

    /// Returns the memory behind an address, and its permission.
    #[must_use]
    pub fn translate(&self, virt: VirtAddr) -> Translation {
        if virt.get() >= self.kernel.mode().half_size() {
            return Translation::Unmapped;
        }
        self.with_editor(|_| {
            translate(&self.kernel.machine.tables(), self.kernel.mode(), self.kernel.format, self.root, virt)
        })
    }

    /// Makes the calling hart translate through this address space, until the value is left or
    /// dropped on the same hart.
    pub fn enter(&self) -> Entered<'_, M> {
        self.kernel.machine.without_interrupts(|| {
            let hart = self.kernel.machine.current_hart();
            self.start_on(hart);
            Entered { space: self, hart, not_send: PhantomData }
        })
    }

    /// Ends the address space. All tables are given back, and `each` is called with its memory.
    ///
    /// `each` runs with interrupts off, and must not use an address space.
    ///
    /// # Errors
    /// [`SpaceError::Running`], with the address space as it was, and [`SpaceError::Fence`]; then
    /// all of it is withheld for good.
    #[expect(clippy::result_large_err, reason = "the address space is returned as it was")]
    pub fn destroy(self, mut each: impl FnMut(Memory)) -> Result<(), Refused<Self>> {
        if !self.running.load(Ordering::Relaxed).is_empty() {
            return Err(Refused::new(SpaceError::Running, self));
        }
        if let Err(error) = self.complete(self.changes.note(Fence::All)) {
            return Err(Refused::withheld(error));
        }
        let kernel = self.kernel;
        kernel.state.with(&kernel.machine, |state| {
            let editor = self.editor(&mut state.frames);
            // SAFETY: no hart runs the address space, none can begin to, for it was moved here, and
            // each that did has executed the fence since. The leaves held this memory.
            unsafe { editor.dismantle(|range| each(Memory::new(range))) };
            state.asids.give_back(self.asid, &mut kernel.machine.tables());
        });
        Ok(())
    }

    /// Writes `satp` of the calling hart, which is `hart`.
    fn start_on(&self, hart: HartIndex) {
        self.running.insert(hart, Ordering::Relaxed);
        // From here on, each hart that changes the tables fences this one too. An earlier change is
        // visible to the walks after the fence below.
        let is_new = self.harts.join(hart);
        let machine = &self.kernel.machine;
        if is_new {
            // The next fetch walks this root. No fence of this hart has ordered its entries for the
            // kernel's half yet (satp: "or in some cases before, writing satp"). They lead to
            // global leaves, so a fence of one ASID is too little. It also ends translations of an
            // earlier space with this ASID.
            machine.fence_here(FenceRequest::Kernel(Fence::All));
        }
        machine.write_satp(Satp::new(self.kernel.mode(), self.root).with_asid(self.asid.get()));
        // Without an ASID of its own, it may find translations of the space that ran before.
        if self.asid == Asid::KERNEL {
            machine.fence_here(FenceRequest::User(Fence::All, self.asid));
        }
        if is_new {
            // Code was stored before this hart was among those that are fenced for it.
            machine.fence_here(FenceRequest::Instructions);
        }
    }

    /// Executes the fence of a change on all harts that may hold translations of this space.
    fn complete(&self, change: Change) -> Result<(), FenceFailed> {
        self.kernel.fence(FenceRequest::User(change.fence(), self.asid), &self.harts)?;
        self.changes.done(change);
        Ok(())
    }

    fn change(
        &self,
        change: impl FnOnce(&mut UserEditor<'_, M>) -> Result<Fence, EditError>,
    ) -> Result<Change, EditError> {
        self.with_editor(|editor| change(editor).map(|fence| self.changes.note(fence)))
    }

    /// Makes harts see instructions that were stored, before they may execute them.
    fn fence_instructions(&self, access: Access) -> Result<(), FenceFailed> {
        match access {
            Access::ReadExecute => self.kernel.fence(FenceRequest::Instructions, &self.harts),
            Access::ReadOnly | Access::ReadWrite => Ok(()),
        }
    }

    fn editor<'a>(&self, frames: &'a mut M::Frames) -> UserEditor<'a, M> {
        let KernelSpace { machine, format, .. } = self.kernel;
        // SAFETY: the lower half of this root is the value's own, and the caller holds the lock.
        unsafe { Editor::of_user(self.kernel.mode(), *format, machine.tables(), frames, self.root) }
    }

    fn with_editor<R>(&self, f: impl FnOnce(&mut UserEditor<'_, M>) -> R) -> R {
        let kernel = self.kernel;
        kernel.state.with(&kernel.machine, |state| f(&mut self.editor(&mut state.frames)))
    }
}

/// A hart that translates through an address space. Dropping it on that hart returns the hart to
/// the kernel's own root. If it is forgotten, or dropped on another hart, the address space counts
/// as running for good.
#[derive(Debug)]
pub struct Entered<'u, M: Machine> {
    space: &'u UserSpace<'u, M>,
    hart: HartIndex,
    not_send: PhantomData<*const ()>,
}

impl<M: Machine> Entered<'_, M> {
    /// Makes the hart translate through another address space, with one write of `satp`.
    pub fn switch<'n>(self, next: &'n UserSpace<'n, M>) -> Entered<'n, M> {
        let left = ManuallyDrop::new(self);
        let machine = &next.kernel.machine;
        machine.without_interrupts(|| {
            let hart = machine.current_hart();
            next.start_on(hart);
            if hart == left.hart && !core::ptr::eq(left.space, next) {
                left.space.running.remove(hart, Ordering::Relaxed);
            }
            Entered { space: next, hart, not_send: PhantomData }
        })
    }
}

impl<M: Machine> Drop for Entered<'_, M> {
    fn drop(&mut self) {
        let kernel = self.space.kernel;
        kernel.machine.without_interrupts(|| {
            if kernel.machine.current_hart() == self.hart {
                kernel.leave_users();
                self.space.running.remove(self.hart, Ordering::Relaxed);
            }
        });
    }
}

//! The page by which harts leave: asm/leave.s.

use core::arch::global_asm;

use landfall::address::{ImageAddr, VirtAddr};
use landfall_paging::{Access, Mapping, PAGE_SIZE, Satp};

/// Fields of `sstatus` (privileged specification, "Supervisor Status Register").
mod sstatus {
    pub(super) const SIE: u32 = 1 << 1;
    pub(super) const SPIE: u32 = 1 << 5;
    pub(super) const SPP: u32 = 1 << 8;
    pub(super) const FS: u32 = 3 << 13;
    pub(super) const FS_INITIAL: u32 = 1 << 13;
}

global_asm!(
    include_str!("../asm/leave.s"),
    PAGE = const PAGE_SIZE,
    INTERRUPTS = const sstatus::SIE | sstatus::SPIE,
    SUPERVISOR = const sstatus::SPP,
    FS = const sstatus::FS,
    FS_INITIAL = const sstatus::FS_INITIAL,
);

unsafe extern "C" {
    fn landfall_wrapper_leave(
        hart: u64,
        argument: u64,
        record: u64,
        stack: u64,
        satp: u64,
        entry: u64,
        wipe: u64,
        wipe_end: u64,
    ) -> !;
}

/// The end of a hart's time in the wrapper.
pub(super) struct Leave {
    /// The hart's id.
    pub(super) hart: u64,
    pub(super) satp: Satp,
    /// The top of its new stack.
    pub(super) stack: VirtAddr,
    pub(super) then: Then,
}

/// The hart's next step.
#[derive(Clone, Copy)]
pub(super) enum Then {
    /// It enters the inner kernel.
    Enter { entry: VirtAddr, argument: u64 },
    /// It waits until the inner kernel writes an address into the hart's record.
    Wait { record: VirtAddr },
}

impl Leave {
    /// Wipes the stack from `bottom` to `top`, which is the calling hart's, and leaves.
    ///
    /// # Safety
    /// - The tables of `satp` hold [`page`], the new stack and the record.
    /// - This hart needs nothing of the wrapper any more. No other hart reads its stack.
    pub(super) unsafe fn go(self, bottom: VirtAddr, top: VirtAddr) -> ! {
        let (argument, record, entry) = match self.then {
            Then::Enter { entry, argument } => (argument, 0, entry.get()),
            Then::Wait { record } => (record.get(), record.get(), 0),
        };
        let (stack, satp) = (self.stack.get(), self.satp.bits());
        // SAFETY: the caller's.
        unsafe {
            landfall_wrapper_leave(self.hart, argument, record, stack, satp, entry, bottom.get(), top.get())
        }
    }
}

/// Returns the mapping of the page, which both address spaces have.
pub(super) fn page() -> Mapping {
    let first = ImageAddr::from_ptr(landfall_wrapper_leave as *const ());
    Mapping { virt: first.virt(), phys: first.to_phys(), size: PAGE_SIZE, access: Access::ReadExecute }
}

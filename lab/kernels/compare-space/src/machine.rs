//! A machine whose harts have no ASIDs. QEMU has no such hart, so the machine states that it has no
//! bits. The rest is as in landfall's own machine with one hart.

use core::arch::asm;

use landfall::address::VirtRange;
use landfall::harts::HartSet;
use landfall::paging::Satp;
use landfall::space::{Asid, CurrentHart, FenceFailed, FenceRequest, KernelSpace, LandedStacks, Placing};
use landfall::{HartIndex, Landing};
use landfall_space::{Machine, Options, Svpbmt};

use crate::pool::Pool;
use crate::tables::LinearMap;
use crate::work;

/// The harts of the landing, without ASIDs.
pub(crate) struct WithoutAsids {
    hart: LandedStacks,
}

/// Returns the live address space of such a machine.
///
/// # Safety
/// No other space or editor of the landing's tables is used from here on. One hart is online.
pub(crate) unsafe fn without_asids(landing: &'static Landing) -> KernelSpace<WithoutAsids> {
    let machine = WithoutAsids { hart: LandedStacks::of(landing) };
    let online = landing.online_harts();
    let (placing, svpbmt) = (Placing::FirstFit, Svpbmt::Absent);
    let options = Options { online: &online, placing, pools: &[], svpbmt };
    // SAFETY: these are the landing's, and the caller uses nothing else that changes its tables.
    let space = unsafe { KernelSpace::new(machine, landing.plan(), landing.facts(), Pool, &options) };
    space.unwrap_or_else(|error| panic!("{error}"))
}

// SAFETY: `LinearMap` reaches all RAM. There is one hart, and each function is one register or one
// fence of it.
unsafe impl Machine for WithoutAsids {
    type Tables = LinearMap;
    type Frames = Pool;

    fn tables(&self) -> LinearMap {
        // SAFETY: the space owns the tables.
        unsafe { LinearMap::new() }
    }

    fn current_hart(&self) -> HartIndex {
        self.hart.current()
    }

    fn without_interrupts<R>(&self, f: impl FnOnce() -> R) -> R {
        let before: u64;
        // SAFETY: it turns interrupts of this hart off.
        unsafe { asm!("csrrci {}, sstatus, 2", out(reg) before, options(nostack, preserves_flags)) };
        let result = f();
        // SAFETY: it turns them on if they were.
        unsafe { asm!("csrs sstatus, {}", in(reg) before & 2, options(nostack, preserves_flags)) };
        result
    }

    fn fence_here(&self, request: FenceRequest) {
        match request {
            FenceRequest::User(_, asid) => fence_user(asid),
            _ => work::fence_all(),
        }
    }

    fn fence_there(&self, _: &HartSet, _: FenceRequest) -> Result<(), FenceFailed> {
        unreachable!("there is one hart")
    }

    fn write_satp(&self, satp: Satp) {
        let kept: u64;
        // SAFETY: the space gives a root whose upper half is the kernel's.
        unsafe {
            asm!(
                "csrw satp, {new}",
                "csrr {kept}, satp",
                new = in(reg) satp.bits(),
                kept = out(reg) kept,
                options(nostack, preserves_flags),
            );
        }
        assert!(kept == satp.bits(), "the hart has fewer bits of an ASID");
    }

    fn asid_bits(&self) -> u32 {
        0
    }

    fn flush_data(&self, _: VirtRange) -> Option<()> {
        None
    }
}

fn fence_user(asid: Asid) {
    let asid = u64::from(asid.get());
    // SAFETY: it orders, and nothing else.
    unsafe { asm!("sfence.vma zero, {}", in(reg) asid, options(nostack, preserves_flags)) };
}

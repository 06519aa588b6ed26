//! Registers and fences of the calling hart. docs/fences.md has a row for each fence.

use core::arch::asm;

use landfall_paging::{Fence, PAGE_SIZE, Satp, VirtRange};
use landfall_space::{Asid, FenceRequest};

/// `sstatus.SIE`.
const SIE: u64 = 1 << 1;

/// The bits of `satp` that hold the ASID.
const ASID_SHIFT: u32 = 44;
const ASID: u64 = 0xffff << ASID_SHIFT;

/// The most pages that are fenced one by one. Linux has the same limit
/// (`tlb_flush_all_threshold`).
const MOST_PAGES: u64 = 64;

/// Calls `f` with interrupts off, and restores them.
pub(super) fn without_interrupts<R>(f: impl FnOnce() -> R) -> R {
    let before: u64;
    // SAFETY: it turns interrupts of this hart off.
    unsafe { asm!("csrrci {}, sstatus, 2", out(reg) before, options(nostack, preserves_flags)) };
    let result = f();
    // SAFETY: it turns them on if they were.
    unsafe { asm!("csrs sstatus, {}", in(reg) before & SIE, options(nostack, preserves_flags)) };
    result
}

/// Executes a fence on this hart.
pub(super) fn fence(request: FenceRequest) {
    match request {
        FenceRequest::Kernel(Fence::Leaves(range)) if is_small(range) => pages(range).for_each(fence_page),
        FenceRequest::User(Fence::Leaves(range), asid) if is_small(range) => {
            pages(range).for_each(|page| fence_user_page(page, asid));
        }
        FenceRequest::User(_, asid) => fence_user(asid),
        FenceRequest::Instructions => fence_instructions(),
        // Also anything that this version does not know.
        _ => fence_all(),
    }
}

fn is_small(range: VirtRange) -> bool {
    range.size() <= MOST_PAGES * PAGE_SIZE
}

/// Returns the addresses of the pages of a range.
fn pages(range: VirtRange) -> impl Iterator<Item = u64> {
    let first = range.start().align_down(PAGE_SIZE);
    let size = range.size() + range.start().wrapping_offset_from(first);
    (0..size.div_ceil(PAGE_SIZE)).map(move |page| first.get().wrapping_add(page * PAGE_SIZE))
}

fn fence_page(page: u64) {
    // SAFETY: it forgets translations.
    unsafe { asm!("sfence.vma {}, zero", in(reg) page, options(nostack, preserves_flags)) };
}

fn fence_all() {
    // SAFETY: it forgets translations.
    unsafe { asm!("sfence.vma", options(nostack, preserves_flags)) };
}

fn fence_user_page(page: u64, asid: Asid) {
    let asid = u64::from(asid.get());
    // SAFETY: it forgets translations. The compiler never takes `zero` for an operand.
    unsafe { asm!("sfence.vma {}, {}", in(reg) page, in(reg) asid, options(nostack, preserves_flags)) };
}

fn fence_user(asid: Asid) {
    let asid = u64::from(asid.get());
    // SAFETY: as above.
    unsafe { asm!("sfence.vma zero, {}", in(reg) asid, options(nostack, preserves_flags)) };
}

fn fence_instructions() {
    // SAFETY: it orders the hart's own fetches.
    unsafe { asm!("fence.i", options(nostack, preserves_flags)) };
}

/// Orders all stores of this hart before the request of a fence on other harts. An `ecall` orders
/// no data, and neither does a store to a device that interrupts them.
pub(super) fn publish() {
    // SAFETY: it orders, and nothing else.
    unsafe { asm!("fence rw, ow", options(nostack, preserves_flags)) };
}

/// Writes `satp`.
///
/// # Panics
/// If the hart has fewer bits of an ASID than the hart that made the space. Two address spaces
/// would share translations.
///
/// # Safety
/// The upper half of the root is the kernel's.
pub(super) unsafe fn write_satp(satp: Satp) {
    // SAFETY: what runs here stays mapped.
    let kept = unsafe { exchange_satp(satp.bits()) };
    assert!(kept == satp.bits(), "this hart has fewer bits of an ASID than the first one");
}

/// Returns the number of bits of an ASID that this hart has: those that keep a one (privileged
/// specification, `satp`).
pub(super) fn asid_bits() -> u32 {
    without_interrupts(|| {
        let satp: u64;
        // SAFETY: it reads a register.
        unsafe { asm!("csrr {}, satp", out(reg) satp, options(nomem, nostack, preserves_flags)) };
        // SAFETY: the root stays. The kernel's half is global, so its translations are the same,
        // and those of this ASID end with the fence.
        let kept = unsafe { exchange_satp(satp | ASID) };
        // SAFETY: as it was.
        let _ = unsafe { exchange_satp(satp) };
        fence_all();
        ((kept & ASID) >> ASID_SHIFT).count_ones()
    })
}

/// Writes `satp`, and returns the value that it has then.
///
/// # Safety
/// The code and the data that run here stay mapped.
unsafe fn exchange_satp(satp: u64) -> u64 {
    let kept: u64;
    // SAFETY: the caller's.
    unsafe {
        asm!(
            "csrw satp, {new}",
            "csrr {kept}, satp",
            new = in(reg) satp,
            kept = out(reg) kept,
            options(nostack, preserves_flags),
        );
    }
    kept
}

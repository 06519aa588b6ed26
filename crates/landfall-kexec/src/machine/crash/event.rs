//! Supervisor software events (SBI, chapter 17): they reach a hart that takes no interrupts.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::mem::offset_of;
use core::sync::atomic::{AtomicBool, Ordering};

use landfall::HartIndex;
use landfall_paging::VirtAddr;
use sbi_rt::SharedPtr;

use super::super::asm::{EVENT_STACK, landfall_kexec_event};
use super::stop::{Registers, stop_if_claimed};

/// The local software event, which any hart can inject into another.
const EVENT: u32 = 0xffff_0000;

/// The attributes that hold the interrupted code's `a6` and `a7`.
const INTERRUPTED_A6: u32 = 8;

/// Bytes of the stack of the handler.
const STACK: usize = 4096;

/// True if a hart listens: then each takes its registration back before the next kernel starts.
static LISTENING: AtomicBool = AtomicBool::new(false);

/// A hart's memory for the event. A kernel has an array of them, one a hart, in a `static`.
#[repr(C, align(16))]
pub struct CrashListener(UnsafeCell<Contents>);

#[repr(C, align(16))]
struct Contents {
    registers: [u64; 32],
    /// The end of the stack.
    stack_end: u64,
    hart: u64,
    /// Interrupted `a6` and `a7`, as firmware writes them.
    interrupted: [u64; 2],
    stack: [u8; STACK],
}

// The offset that event.s uses.
const _: () = assert!(offset_of!(Contents, stack_end) == EVENT_STACK);

// SAFETY: one hart alone uses a listener, from `listen` on; `taken` sees to that.
unsafe impl Sync for CrashListener {}

impl core::fmt::Debug for CrashListener {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CrashListener { .. }")
    }
}

impl CrashListener {
    /// A listener of no hart.
    #[expect(clippy::declare_interior_mutable_const, reason = "the first value of a static")]
    pub const EMPTY: Self = Self(UnsafeCell::new(Contents {
        registers: [0; 32],
        stack_end: 0,
        hart: 0,
        interrupted: [0; 2],
        stack: [0; STACK],
    }));
}

/// Lets other harts stop the calling one, hart `hart`, by an event of the firmware, although its
/// interrupts are off. Returns false if the firmware has no such events. Interrupts reach the hart
/// then.
///
/// # Safety
/// The listener is this hart's alone, and no other call gets it. The calling hart is hart `hart`.
pub unsafe fn listen_for_crash(hart: HartIndex, listener: &'static CrashListener) -> bool {
    if !sbi_rt::probe_extension(sbi_rt::Sse).is_available() {
        return false;
    }
    let contents = listener.0.get();
    // SAFETY: this hart has the listener alone, and no event comes before it is registered.
    unsafe {
        (*contents).hart = hart.get();
        (*contents).stack_end = (&raw mut (*contents).stack).addr() as u64 + STACK as u64;
    }
    LISTENING.store(true, Ordering::Relaxed);
    let entry = (landfall_kexec_event as *const ()).addr();
    let registered = sbi_rt::sse_register(EVENT, entry, contents.expose_provenance());
    let enabled = registered.is_ok() && sbi_rt::sse_enable(EVENT).is_ok();
    // Firmware from before the mask has no such call.
    let _ = sbi_rt::sse_hart_unmask();
    enabled
}

/// Stops a hart by the event. False if it does not listen.
pub(super) fn inject(id: u64) -> bool {
    LISTENING.load(Ordering::Relaxed) && sbi_rt::sse_inject(EVENT, id as usize).is_ok()
}

/// Takes the calling hart's registration back: the next kernel finds the event unused.
pub(in crate::machine) fn forget_event() {
    if LISTENING.load(Ordering::Relaxed) {
        let _ = sbi_rt::sse_hart_mask();
        let _ = sbi_rt::sse_disable(EVENT);
        let _ = sbi_rt::sse_unregister(EVENT);
    }
}

/// The event has come: event.s calls it on the listener's stack.
///
/// # Safety
/// `contents` is the listener of this hart, with the interrupted registers.
#[unsafe(no_mangle)]
unsafe extern "C" fn landfall_kexec_event_came(contents: *mut Contents) {
    // SAFETY: the caller's. The stack, which this function runs on, is not touched.
    let (registers, hart, place) =
        unsafe { (&raw mut (*contents).registers, (*contents).hart, &raw mut (*contents).interrupted) };
    let at = landfall::address::virt_to_phys(VirtAddr::new(place.addr() as u64)).get();
    let _ = sbi_rt::sse_read_attrs(EVENT, INTERRUPTED_A6, 2, SharedPtr::new(at as usize, 0));
    let pc;
    // SAFETY: it reads a register. Firmware wrote the two words at `place` behind the compiler.
    let [a6, a7] = unsafe {
        asm!("csrr {}, sepc", out(reg) pc, options(nostack, preserves_flags));
        place.read_volatile()
    };
    // SAFETY: as above.
    let mut all = unsafe { registers.read() };
    (all[16], all[17]) = (a6, a7);
    stop_if_claimed(HartIndex::new(hart), &Registers { pc, all });
}

//! A trap entry for kernels: it saves all registers and calls a Rust function. It runs on the
//! hart's own stack, or on an overflow stack if that has overflown.
//!
//! ```text
//! bottom ....... top of the stack = bottom of the overflow stack ....... record, end of memory
//! sscratch  --------------------------------------------------------------^
//! ```
//!
//! The overflow stack is the upper end of the hart's memory for stacks. An overflow goes down, so
//! the stack never reaches it. If the overflow stack overflows in turn, it meets the upper end of
//! the same hart's stack, which is not needed any more.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use core::arch::asm;
//!
//! use landfall::Landing;
//! use landfall::trap::TrapFrame;
//!
//! landfall::entry!(main);
//!
//! /// `scause` of a breakpoint: the privileged specification, "Supervisor Cause Register".
//! const BREAKPOINT: u64 = 3;
//!
//! fn main(landing: &'static Landing) -> ! {
//!     if let Err(error) = landfall::trap::install(landing, handle) {
//!         panic!("{error}");
//!     }
//!     // SAFETY: the handler does not return.
//!     unsafe { asm!("ebreak", options(noreturn)) }
//! }
//!
//! fn handle(frame: &mut TrapFrame) {
//!     landfall::println!("trap {} at {:#x}", frame.scause(), frame.sepc());
//!     let status = if frame.scause() == BREAKPOINT { 0 } else { 1 };
//!     landfall::exit(status)
//! }
//! ```

mod frame;

use core::arch::asm;
use core::fmt;
use core::mem::offset_of;
use core::ptr::with_exposed_provenance_mut;

use landfall_paging::VirtRange;
use landfall_plan::harts::HartIndex;
use landfall_plan::plan::OVERFLOW_STACK;

use super::harts::LandingHart;
use super::landing::{Landing, LandingCell};
use super::stack_pointer;

pub use frame::{SavedFrame, TrapFrame};

/// The data for a hart's traps; trap.s knows the offsets. It lies at the end of the hart's memory
/// for stacks.
#[derive(Debug)]
#[repr(C, align(16))]
struct Record {
    bottom: u64,
    size: u64,
    room: u64,
    saved: [u64; 3],
    hart: u64,
    handler: u64,
    call: u64,
    overflown: u64,
}

/// Bytes of a frame.
pub(super) const FRAME: u64 = size_of::<TrapFrame>() as u64;

/// Bytes that must be free for one, wherever `sp` is within 16 bytes.
pub(super) const FRAME_SPACE: u64 = FRAME + 16;

/// Bytes of the overflow stack below the record.
pub(super) const OVERFLOW_ROOM: u64 = OVERFLOW_STACK - size_of::<Record>() as u64;

// The offsets that trap.s uses.
const _: () = {
    assert!(offset_of!(Record, bottom) == 0);
    assert!(offset_of!(Record, size) == 8);
    assert!(offset_of!(Record, room) == 16);
    assert!(offset_of!(Record, saved) == 24);
    assert!(offset_of!(Record, hart) == 48);
    assert!(offset_of!(Record, handler) == 56);
    assert!(offset_of!(Record, call) == 64);
    assert!(offset_of!(Record, overflown) == 72);
};

unsafe extern "C" {
    /// The trap entry: see trap.s.
    ///
    /// # Safety
    /// It is for `stvec` alone.
    fn landfall_trap() -> !;
}

/// A hart that runs on a stack which is not one of landfall's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotOnHartStack;

impl fmt::Display for NotOnHartStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "sp lies in no hart's stack; install the trap entry before the hart leaves its first stack",
        )
    }
}

impl core::error::Error for NotOnHartStack {}

/// Makes `handler` the function that every trap of this hart calls, and returns which hart that is.
///
/// From then on `stvec` leads to landfall's entry, and `sscratch` holds the address of this hart's
/// record. Neither may be changed while the entry is in use. All registers, floating-point ones
/// too, are saved in the frame and restored when the handler returns. A trap from user mode begins
/// at the top of the stack, and its `sp` is saved and never used. So the stack must be empty while
/// user mode runs. In the handler `gp` and `tp` are as the interrupted code had them. On a trap
/// from user mode they are the user's, so the kernel must not trust them. Interrupts are off in the
/// handler, which may turn them on.
///
/// If `sp` has left the stack, or no frame fits any more, the entry uses the overflow stack. There
/// it panics with the words "stack overflow" and the hart's id.
///
/// # Errors
/// [`NotOnHartStack`]: the caller runs on a stack of its own, so its hart is not known.
pub fn install(landing: &'static Landing, handler: fn(&mut TrapFrame)) -> Result<HartIndex, NotOnHartStack> {
    install_at(landing, handler as usize as u64)
}

/// As [`install`], for a handler in another language. The frame is 70 words of 8 bytes: `x0` to
/// `x31`, `sepc`, `sstatus`, `scause`, `stval`, `f0` to `f31`, `fcsr`, and the hart's id.
///
/// # Errors
/// As [`install`].
pub fn install_extern(
    landing: &'static Landing,
    handler: extern "C" fn(&mut TrapFrame),
) -> Result<HartIndex, NotOnHartStack> {
    install_at(landing, handler as usize as u64)
}

fn install_at(landing: &'static Landing, handler: u64) -> Result<HartIndex, NotOnHartStack> {
    let sp = stack_pointer();
    let with_stack = |known: LandingHart| known.index.map(|index| (index, known.hart.id));
    let mut on_stacks = landing.harts().filter_map(with_stack);
    let (hart, id) = on_stacks.find(|(hart, _)| holds(landing.stack(*hart), sp)).ok_or(NotOnHartStack)?;
    let stack = landing.stack(hart);
    let record = with_exposed_provenance_mut::<Record>(
        (landing.overflow_stack(hart).start().get() + OVERFLOW_ROOM) as usize,
    );
    let contents = Record {
        bottom: stack.start().get(),
        size: stack.size(),
        room: stack.size() - FRAME_SPACE,
        saved: [0; 3],
        hart: id,
        handler,
        call: 0,
        overflown: 0,
    };
    // SAFETY: the overflow stack is this hart's alone, and its end holds nothing but the record. It
    // is in use only in a trap. After a trap only the record is needed, which changes in its
    // handler alone.
    unsafe { record.write(contents) };
    // SAFETY: the entry and the record are those of this hart.
    unsafe {
        asm!(
            "csrw sscratch, {record}",
            "lla {place}, {entry}",
            "csrw stvec, {place}",
            record = in(reg) record.expose_provenance(),
            place = out(reg) _,
            entry = sym landfall_trap,
            options(nostack, preserves_flags),
        );
    }
    Ok(hart)
}

/// Switches the entry to another stack of this hart, such as that of a thread. Traps from user mode
/// begin at its top.
///
/// # Safety
/// [`install`] has been called on this hart. `stack` is mapped, readable and writable, is a
/// multiple of 16 bytes, and holds at least one frame; no other hart runs on it. Interrupts are off
/// until `sp` lies in it.
pub unsafe fn use_stack(stack: VirtRange) {
    let record: usize;
    // SAFETY: it reads a register.
    unsafe { asm!("csrr {}, sscratch", out(reg) record, options(nomem, nostack, preserves_flags)) };
    let record = with_exposed_provenance_mut::<Record>(record);
    // SAFETY: `install` has put the record's address there, and only this hart uses it.
    unsafe {
        (&raw mut (*record).bottom).write_volatile(stack.start().get());
        (&raw mut (*record).size).write_volatile(stack.size());
        (&raw mut (*record).room).write_volatile(stack.size().saturating_sub(FRAME_SPACE));
    }
}

/// The entry calls this function if a stack has overflown, on the overflow stack.
#[unsafe(no_mangle)]
extern "C" fn landfall_stack_overflow(frame: &TrapFrame) -> ! {
    let hart = frame.hart();
    // SAFETY: this is after landing.
    let landing = unsafe { LandingCell::get() };
    let index = landing.harts().find(|known| known.hart.id == hart).and_then(|known| known.index);
    let stack = index.map(|index| landing.stack(index));
    let bottom = stack.map_or(0, |stack| stack.start().get());
    match frame.sp().wrapping_sub(bottom).cast_signed() {
        left @ 0..0x1000 => panic!("stack overflow on hart {hart}: {left} bytes are left; {HELP}"),
        left @ -0x100_0000..0 => {
            panic!("stack overflow on hart {hart}: sp lies {} bytes below its stack; {HELP}", -left)
        }
        _ => panic!(
            "stack overflow on hart {hart}: sp lies outside its stack; name a stack of the kernel's own with landfall::trap::use_stack"
        ),
    }
}

const HELP: &str = "raise Policy::with_stack_size, or bound the recursion";

const fn holds(range: VirtRange, address: u64) -> bool {
    address.wrapping_sub(range.start().get()) < range.size()
}

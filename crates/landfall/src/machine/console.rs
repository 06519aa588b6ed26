//! The SBI console: the text of one call is whole, whatever other harts print at the same time.
//!
//! A call holds a lock from its first byte to its last. The lock is advisory. A hart that died
//! while it printed, or a `Display` that prints itself, must not silence the panic that follows. So
//! a call waits only while the holder writes, and prints then. Interrupts are off while the lock is
//! held, since a handler that prints would wait for the code that it interrupted.

use core::fmt::{self, Write};
use core::sync::atomic::{AtomicU32, Ordering};

use landfall_image::console::PREFIX;

/// Polls of a lock whose holder writes nothing, after which it is taken away: about a second.
pub(super) const PATIENCE: u32 = 1 << 23;

/// The hart that prints, and the state of the line. refuse.s knows the offsets.
#[repr(C)]
pub(super) struct Line {
    /// The holder's ticket, or 0.
    pub(super) holder: AtomicU32,
    /// Counts bytes, and wraps: a holder that still writes is alive.
    pub(super) written: AtomicU32,
    /// 0 at the start of a line.
    pub(super) unfinished: AtomicU32,
    /// The last ticket.
    tickets: AtomicU32,
}

/// In `.data`: landing code prints before `.bss` is zeroed.
#[unsafe(link_section = ".data.landfall_console")]
pub(super) static LINE: Line = Line {
    holder: AtomicU32::new(0),
    written: AtomicU32::new(0),
    unfinished: AtomicU32::new(0),
    tickets: AtomicU32::new(0),
};

/// Writes to the SBI console: the debug console extension (DBCN), or the legacy call where that is
/// missing.
///
/// Each call of `write_str` is whole; `print!` and `println!` keep all of their text together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        Held::take().write_str(text)
    }
}

/// Prints to the SBI console, in one piece; `print!` and `println!` call it.
///
/// A text that begins with `landfall: ` begins a line of its own: programs read such lines.
pub fn print_fmt(arguments: fmt::Arguments<'_>) {
    // The console itself never fails, and an error of a `Display` has no reader.
    let _ = Held::take().write_fmt(arguments);
}

/// Prints the last words of a kernel on a line of their own, also where a driver of the kernel's
/// has left a line unfinished.
pub(super) fn print_last(arguments: fmt::Arguments<'_>) {
    let mut held = Held::take();
    held.byte(b'\n');
    let _ = held.write_fmt(arguments);
    held.byte(b'\n');
}

/// The console, held by this hart.
struct Held {
    ticket: u32,
    interrupts: usize,
    /// True if nothing was written yet.
    fresh: bool,
}

impl Held {
    fn take() -> Self {
        let interrupts = interrupts_off();
        let ticket = LINE.tickets.fetch_add(1, Ordering::Relaxed) & (u32::MAX >> 1) | 1 << 31;
        let (mut written, mut polls) = (LINE.written.load(Ordering::Relaxed), 0);
        while LINE.holder.compare_exchange_weak(0, ticket, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            let now = LINE.written.load(Ordering::Relaxed);
            polls = if now == written { polls + 1 } else { 0 };
            written = now;
            if polls > PATIENCE {
                LINE.holder.store(ticket, Ordering::Relaxed);
                break;
            }
            core::hint::spin_loop();
        }
        begin_output();
        Self { ticket, interrupts, fresh: true }
    }

    fn byte(&mut self, byte: u8) {
        self.fresh = false;
        LINE.written.fetch_add(1, Ordering::Relaxed);
        LINE.unfinished.store(u32::from(byte != b'\n'), Ordering::Relaxed);
        if sbi_rt::console_write_byte(byte).is_err() {
            #[expect(deprecated, reason = "for firmware that is too old for its successor")]
            sbi_rt::legacy::console_putchar(usize::from(byte));
        }
    }
}

impl Write for Held {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.fresh && text.starts_with(PREFIX) && LINE.unfinished.load(Ordering::Relaxed) != 0 {
            self.byte(b'\n');
        }
        text.bytes().for_each(|byte| self.byte(byte));
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        end_output();
        // Fails where the lock was taken away: then it belongs to another call.
        let _ = LINE.holder.compare_exchange(self.ticket, 0, Ordering::Relaxed, Ordering::Relaxed);
        restore_interrupts(self.interrupts);
    }
}

/// Orders the lock before the output that it guards. The firmware writes to a device, and an
/// acquire orders memory alone: docs/fences.md.
fn begin_output() {
    // SAFETY: it orders, and nothing else.
    unsafe { core::arch::asm!("fence r, iorw", options(nostack, preserves_flags)) };
}

/// Orders output before the lock's release.
fn end_output() {
    // SAFETY: it orders, and nothing else.
    unsafe { core::arch::asm!("fence iorw, w", options(nostack, preserves_flags)) };
}

/// `sstatus.SIE`.
const SIE: usize = 1 << 1;

/// Turns interrupts off, and returns the bit as it was.
fn interrupts_off() -> usize {
    let before: usize;
    // SAFETY: fewer interrupts break nothing.
    unsafe { core::arch::asm!("csrrci {}, sstatus, {SIE}", out(reg) before, SIE = const SIE) };
    before & SIE
}

fn restore_interrupts(before: usize) {
    // SAFETY: they are on again only where they were on.
    unsafe { core::arch::asm!("csrs sstatus, {}", in(reg) before) };
}

//! Words of memory that go with registers of a device, for one CPU at a time.

use core::arch::asm;

use riscv::interrupt::supervisor;
use spin::mutex::SpinMutex;

/// A lock. Handlers of interrupts may take it, so its holder is not interrupted.
#[derive(Debug)]
pub(super) struct Lock<T>(SpinMutex<T>);

impl<T> Lock<T> {
    pub(super) const fn new(value: T) -> Self {
        Self(SpinMutex::new(value))
    }

    /// Waits until the lock is free, and holds it for as long as `work` takes.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        supervisor::free(|| {
            let mut words = self.0.lock();
            begin_registers();
            let result = work(&mut words);
            end_registers();
            result
        })
    }
}

/// Orders the load that took the lock before accesses to registers: an acquire orders memory alone.
fn begin_registers() {
    // SAFETY: a fence changes no register and no memory.
    unsafe { asm!("fence r, iorw", options(nostack, preserves_flags)) };
}

/// Orders accesses to registers before the store that releases the lock.
fn end_registers() {
    // SAFETY: as above.
    unsafe { asm!("fence iorw, w", options(nostack, preserves_flags)) };
}

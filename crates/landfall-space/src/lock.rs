//! The lock of the tables.

use core::cell::UnsafeCell;
use core::fmt;
use core::hint::spin_loop;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::machine::Machine;

/// A value that one hart uses at a time. A hart that waits serves the fences that others request:
/// the holder may be waiting for just that.
pub(crate) struct Lock<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `with` gives one hart at a time access to the value.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").field("held", &self.held).finish_non_exhaustive()
    }
}

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Calls `f` with the value, with interrupts off: a handler that waited for the lock on the
    /// hart that holds it would wait for ever.
    pub(crate) fn with<R>(&self, machine: &impl Machine, f: impl FnOnce(&mut T) -> R) -> R {
        machine.without_interrupts(|| {
            while self.held.swap(true, Ordering::Acquire) {
                machine.serve();
                spin_loop();
            }
            let _held = Held(&self.held);
            // SAFETY: this hart holds the lock until `_held` is dropped, and `f` cannot keep the
            // reference.
            f(unsafe { &mut *self.value.get() })
        })
    }
}

struct Held<'a>(&'a AtomicBool);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

//! Accesses that may trap.

use core::arch::global_asm;

global_asm!(include_str!("start.s"));

unsafe extern "C" {
    fn try_load(address: usize) -> u64;
    fn try_store(address: usize) -> u64;
    fn try_call(address: usize) -> u64;
    fn second_start() -> !;
}

/// The result of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Done,
    FetchFault,
    LoadFault,
    StoreFault,
    /// Another trap.
    Other,
}

impl Access {
    /// The page faults of the privileged specification's table of causes, plus 1.
    const fn of(result: u64) -> Self {
        match result {
            0 => Self::Done,
            13 => Self::FetchFault,
            14 => Self::LoadFault,
            16 => Self::StoreFault,
            _ => Self::Other,
        }
    }

    /// Reads a word. A fault is a result.
    pub(crate) fn load(address: usize) -> Self {
        // SAFETY: the handler goes on after a trap; without one the word is read, and dropped.
        Self::of(unsafe { try_load(address) })
    }

    /// Reads a word, and writes it back.
    ///
    /// # Safety
    /// No other hart may write the word at the same time.
    pub(crate) unsafe fn store(address: usize) -> Self {
        // SAFETY: the handler goes on after a trap; without one the word keeps its value.
        Self::of(unsafe { try_store(address) })
    }

    /// Calls code.
    ///
    /// # Safety
    /// The code there must be a return, if the page may be executed.
    pub(crate) unsafe fn call(address: usize) -> Self {
        // SAFETY: the handler goes on after a trap; the caller promises a return.
        Self::of(unsafe { try_call(address) })
    }
}

/// Returns the address at which other harts start.
pub(crate) fn second_entry() -> usize {
    (second_start as *const ()).addr()
}

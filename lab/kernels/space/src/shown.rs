//! Mappings that other harts look at: one of each hart. The lock keeps the mapping while another
//! hart looks.

use spin::Mutex;

use crate::probe;

/// A mapping as all harts must see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    /// The address of a word.
    pub(crate) at: u64,
    /// The word.
    pub(crate) word: u64,
    pub(crate) can_write: bool,
    /// Code returns this number.
    pub(crate) returns: Option<u64>,
}

const HARTS: usize = 8;

static SHOWN: [Mutex<Option<Shown>>; HARTS] = [const { Mutex::new(None) }; HARTS];

/// Shows a mapping of hart `hart`, or nothing.
pub(crate) fn show(hart: usize, shown: Option<Shown>) {
    *SHOWN[hart].lock() = shown;
}

/// Looks at the mapping of hart `hart`, if there is one.
pub(crate) fn look(hart: usize) {
    let place = SHOWN[hart % HARTS].lock();
    let Some(Shown { at, word, can_write, returns }) = *place else { return };
    let pointer = core::ptr::with_exposed_provenance::<u64>(at as usize);
    // SAFETY: the owner keeps the mapping while the lock is held.
    let found = unsafe { pointer.read_volatile() };
    assert_eq!(found, word, "another hart's mapping at {at:#x} holds something else");
    // SAFETY: the store writes what is there already.
    assert_eq!(unsafe { probe::can_store(at, word) }, can_write, "a store at {at:#x}");
    if let Some(right) = returns {
        // SAFETY: the owner shows code that keeps to the C calling convention.
        let code: extern "C" fn() -> u64 = unsafe { core::mem::transmute(at as usize) };
        assert_eq!(code(), right, "code at {at:#x}");
    }
}

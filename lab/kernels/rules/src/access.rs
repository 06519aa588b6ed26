//! Loads, stores and jumps that may fault: assembly, since a trap must lead back.

core::arch::global_asm!(include_str!("access.s"));

/// Page faults (privileged specification, "scause").
pub(crate) const FETCH_PAGE_FAULT: u64 = 12;
pub(crate) const LOAD_PAGE_FAULT: u64 = 13;
pub(crate) const STORE_PAGE_FAULT: u64 = 15;

/// The result of a load.
#[repr(C)]
struct Loaded {
    cause: u64,
    value: u64,
}

unsafe extern "C" {
    fn rules_load(address: u64) -> Loaded;
    fn rules_store(address: u64) -> u64;
    fn rules_execute(address: u64) -> u64;
    /// For `hart_start`, never called.
    fn rules_tag();
}

/// Reads eight bytes, or says why that faults.
pub(crate) fn load(address: u64) -> Result<u64, u64> {
    // SAFETY: reading RAM has no effect, and everything else faults, which the routine catches.
    match unsafe { rules_load(address) } {
        Loaded { cause: 0, value } => Ok(value),
        Loaded { cause, .. } => Err(cause),
    }
}

/// Writes eight zero bytes, or says why that faults.
///
/// # Safety
/// The content is not used.
pub(crate) unsafe fn store(address: u64) -> Result<(), u64> {
    // SAFETY: the caller vouches for what is there; a fault is caught.
    match unsafe { rules_store(address) } {
        0 => Ok(()),
        cause => Err(cause),
    }
}

/// Jumps to `address`, or says why that faults.
///
/// # Safety
/// If it does not fault, there is a `ret`.
pub(crate) unsafe fn execute(address: u64) -> Result<(), u64> {
    // SAFETY: the caller vouches for what is there; a fault is caught.
    match unsafe { rules_execute(address) } {
        0 => Ok(()),
        cause => Err(cause),
    }
}

/// Returns the address of the routine for a hart with paging off.
pub(crate) fn tag_routine() -> *const () {
    rules_tag as *const ()
}

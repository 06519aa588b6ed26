//! The interrupt file of supervisor mode of the hart that executes this (AIA 1.0, 3.8 and 3.9). The
//! assembler of older tools does not know the names of the registers.

use core::arch::asm;

/// `siselect` names a register, and `sireg` is that register.
const DELIVERY: usize = 0x70;
const THRESHOLD: usize = 0x72;
const PENDING: usize = 0x80;
const ENABLED: usize = 0xc0;

/// Identities in one register. Only the even numbers of the registers exist in RV64 (3.8.3).
const IN_REGISTER: u32 = 64;

/// Lets no message through but those that will be enabled, of any priority, up to this identity.
///
/// # Safety
/// The hart has the extension Ssaia and an IMSIC, and is not interrupted.
pub(super) unsafe fn open(last_identity: u32) {
    for index in 0..=last_identity / IN_REGISTER {
        // SAFETY: the caller vouches for the registers.
        unsafe {
            write(ENABLED + 2 * index as usize, 0);
            write(PENDING + 2 * index as usize, 0);
        }
    }
    // SAFETY: as above.
    unsafe {
        write(THRESHOLD, 0);
        write(DELIVERY, 1);
    }
}

/// Lets the messages of an identity through.
///
/// # Safety
/// As for [`open`].
pub(super) unsafe fn enable(identity: u32) {
    let register = ENABLED + 2 * (identity / IN_REGISTER) as usize;
    let bit = 1_usize << (identity % IN_REGISTER);
    // SAFETY: the caller vouches for the registers.
    unsafe {
        asm!(
            "csrw 0x150, {register}",
            "csrs 0x151, {bit}",
            register = in(reg) register,
            bit = in(reg) bit,
            options(nostack, preserves_flags),
        );
    }
}

/// Claims the pending message of the lowest identity: `stopei` has the identity above its priority,
/// and a write ends that message (3.9).
///
/// # Safety
/// The hart has the extension Ssaia and an IMSIC.
pub(super) unsafe fn claim() -> Option<u32> {
    const IDENTITY_SHIFT: u32 = 16;
    const IDENTITY_MASK: usize = 0x7ff;
    let top: usize;
    // SAFETY: the caller vouches for the register.
    unsafe { asm!("csrrw {top}, 0x15c, zero", top = out(reg) top, options(nostack, preserves_flags)) };
    match (top >> IDENTITY_SHIFT & IDENTITY_MASK) as u32 {
        0 => None,
        identity => Some(identity),
    }
}

unsafe fn write(register: usize, value: usize) {
    // SAFETY: the caller vouches for the register.
    unsafe {
        asm!(
            "csrw 0x150, {register}",
            "csrw 0x151, {value}",
            register = in(reg) register,
            value = in(reg) value,
            options(nostack, preserves_flags),
        );
    }
}

//! The assembly. Each file states its inputs and what it clobbers.

use core::arch::global_asm;

use landfall_image::seal;

/// Bytes of the copier, which lies in one page.
const COPIER_SIZE: usize = 2048;

/// The offset of the stack's end in a listener, for event.s.
pub(super) const EVENT_STACK: usize = 256;

/// Fields of `sstatus` (privileged specification, "Supervisor Status Register").
mod sstatus {
    const SIE: u32 = 1 << 1;
    const SPIE: u32 = 1 << 5;
    const UBE: u32 = 1 << 6;
    const SPP: u32 = 1 << 8;
    const VS: u32 = 3 << 9;
    const FS: u32 = 3 << 13;
    const SUM: u32 = 1 << 18;
    const MXR: u32 = 1 << 19;
    const SPELP: u32 = 1 << 23;
    /// Set by each trap where the hart has Ssdbltrp; a trap while it is set is fatal.
    pub(super) const SDT: u32 = 1 << 24;
    /// The unit for floating-point numbers.
    pub(super) const UNITS: u32 = FS;
    /// Everything that a kernel may have left there, but for the width of user mode.
    pub(super) const CLEARED: u32 = SIE | SPIE | UBE | SPP | VS | FS | SUM | MXR | SPELP | SDT;
}

global_asm!(
    include_str!("asm/copier.s"),
    SIZE = const COPIER_SIZE,
    MULTIPLIER = const seal::MULTIPLIER,
    UNITS = const sstatus::UNITS,
    CLEARED = const sstatus::CLEARED,
);
global_asm!(include_str!("asm/event.s"), STACK = const EVENT_STACK);
global_asm!(include_str!("asm/leave.s"));
global_asm!(include_str!("asm/registers.s"));
global_asm!(include_str!("asm/quiet.s"), SDT = const sstatus::SDT);

unsafe extern "C" {
    /// Leaves the running kernel: see leave.s.
    ///
    /// # Safety
    /// Interrupts are off. The tables that `satp` names map the page of this function at its
    /// virtual address and the copier's at its physical one. `copier` holds the copier, `list` its
    /// steps. No other hart runs, and nothing of this kernel is used any more.
    pub(super) fn landfall_kexec_leave(
        hart: u64,
        tree: u64,
        list: u64,
        entry: u64,
        satp: u64,
        copier: u64,
    ) -> !;

    /// Clears this hart's interrupts: see quiet.s.
    ///
    /// # Safety
    /// Interrupts are off, and this kernel needs none on this hart any more.
    pub(super) fn landfall_kexec_quiet();

    /// The entry of a software event: see event.s. Only firmware enters it.
    pub(super) fn landfall_kexec_event();

    /// Stores the registers of the calling hart: see registers.s.
    ///
    /// # Safety
    /// `into` can be written.
    pub(super) fn landfall_kexec_registers(into: *mut [u64; 32]);

    /// The copier's code, in the kernel's text.
    #[link_name = "landfall_kexec_copier"]
    pub(super) safe static COPIER: [u8; COPIER_SIZE];
}

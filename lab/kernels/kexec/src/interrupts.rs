//! Interrupts that are enabled, pending and claimed when the next kernel starts. That kernel finds
//! none of it.
//!
//! The addresses and numbers are those of QEMU's `virt`.

use core::arch::asm;
use core::ptr::with_exposed_provenance_mut;

use landfall::Landing;
use landfall::address::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall::paging::Frames;
use landfall::space::{Placing, SpaceOptions};

/// The PLIC, the UART and its source.
const PLIC: PhysRange = PhysRange::new(PhysAddr::new(0x0c00_0000), 0x60_0000);
const UART: PhysRange = PhysRange::new(PhysAddr::new(0x1000_0000), 0x100);
const SOURCES: u32 = 95;
const SOURCE: u32 = 10;

/// Registers of the UART and their values: interrupts when it can send, or none.
const INTERRUPTS: usize = 1;
const CAN_SEND: u8 = 2;

/// Registers of the IMSIC (RISC-V Advanced Interrupt Architecture, 3.8).
const DELIVERY: u64 = 0x70;
const ENABLED: u64 = 0xc0;

/// A claim of the UART's interrupt.
pub(crate) struct Claim {
    plic: *mut u32,
    uart: *mut u8,
    context: usize,
}

/// Frames for the tables of both mappings: the end of the last free range.
struct Last(PhysRange);

// SAFETY: each frame is returned once. This kernel uses no free memory but the block, which is the
// lowest.
unsafe impl Frames for Last {
    fn take(&mut self) -> Option<PhysAddr> {
        let frame = self.0.end().checked_sub(PAGE_SIZE)?;
        self.0 = PhysRange::between(self.0.start(), frame);
        Some(frame)
    }

    fn give_back(&mut self, _: PhysAddr) {}
}

impl Claim {
    /// Claims the interrupt, and completes it not. If the kernel before has left a claim, the PLIC
    /// gives none.
    pub(crate) fn take(landing: &'static Landing) -> Self {
        let tables = landing.take_tables().expect("nothing else takes the tables");
        let frames = Last(landing.free_memory().last().expect("free memory"));
        let options = SpaceOptions { placing: Placing::FirstFit, pools: &[] };
        let space = tables.into_space(frames, &options).unwrap_or_else(|error| panic!("{error}"));
        let map = |registers| {
            let device = space.map_device(registers).unwrap_or_else(|error| panic!("{error}"));
            device.registers().start().get() as usize
        };
        let plic = with_exposed_provenance_mut::<u32>(map(PLIC));
        let uart = with_exposed_provenance_mut::<u8>(map(UART));
        // Each hart has a context of machine mode and one of supervisor mode.
        let context = landing.facts().boot_hart as usize * 2 + 1;
        let at = |offset: usize| plic.wrapping_byte_add(offset);
        let (enabled, claim) = (at(0x2000 + context * 0x80), at(0x20_0004 + context * 0x1000));
        // SAFETY: the registers are mapped, and this hart alone uses them.
        let claimed = unsafe {
            assert_eq!(enabled.read_volatile(), 0, "sources that the kernel before has enabled");
            at(SOURCE as usize * 4).write_volatile(1);
            at(0x20_0000 + context * 0x1000).write_volatile(0);
            enabled.write_volatile(1 << SOURCE);
            uart.wrapping_add(INTERRUPTS).write_volatile(CAN_SEND);
            (0..1000).map(|_| claim.read_volatile()).find(|source| *source != 0)
        };
        assert_eq!(claimed, Some(SOURCE), "the interrupt of the UART");
        Self { plic, uart, context }
    }

    /// Ends the device's interrupts, and the claim.
    pub(crate) fn quiesce(&self) {
        // SAFETY: as above.
        unsafe {
            self.uart.wrapping_add(INTERRUPTS).write_volatile(0);
            landfall_kexec::quiet_plic(self.plic, SOURCES, self.context);
        }
    }
}

/// Checks that this hart's IMSIC delivers nothing and has nothing enabled, then enables both.
pub(crate) fn use_imsic() {
    for register in [DELIVERY, ENABLED] {
        let before: u64;
        // SAFETY: the hart has an IMSIC, as the command line states. Interrupts are off.
        unsafe {
            asm!(
                "csrw 0x150, {register}",
                "csrr {before}, 0x151",
                "csrw 0x151, {value}",
                register = in(reg) register,
                value = in(reg) if register == DELIVERY { 1_u64 } else { 0xfffe },
                before = out(reg) before,
                options(nostack),
            );
        }
        assert_eq!(before, 0, "register {register:#x} of the IMSIC");
    }
}

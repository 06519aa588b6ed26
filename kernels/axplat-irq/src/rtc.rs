//! The Goldfish clock of QEMU's `virt`, as a device that interrupts (QEMU,
//! `hw/rtc/goldfish_rtc.c`).

use axplat::mem::{PhysAddr, mmio_ranges, phys_to_virt};

/// Its number at the interrupt controller.
pub(crate) const IRQ: usize = 11;

const REGISTERS: usize = 0x10_1000;
const TIME_LOW: usize = 0x00;
const TIME_HIGH: usize = 0x04;
const ALARM_LOW: usize = 0x08;
const ALARM_HIGH: usize = 0x0c;
const IRQ_ENABLED: usize = 0x10;
const CLEAR_INTERRUPT: usize = 0x1c;

/// Returns true if the platform has mapped the registers.
pub(crate) fn is_mapped() -> bool {
    mmio_ranges().iter().any(|(start, size)| (*start..start + size).contains(&REGISTERS))
}

/// Sets the alarm, which interrupts in so many nanoseconds.
pub(crate) fn set_alarm(after: u64) {
    let alarm = (u64::from(read(TIME_LOW)) | u64::from(read(TIME_HIGH)) << 32) + after;
    write(IRQ_ENABLED, 1);
    let [low @ .., _, _, _, _] = alarm.to_le_bytes();
    let [_, _, _, _, high @ ..] = alarm.to_le_bytes();
    write(ALARM_HIGH, u32::from_le_bytes(high));
    write(ALARM_LOW, u32::from_le_bytes(low));
}

/// Ends the interrupt of an alarm.
pub(crate) fn clear() {
    write(CLEAR_INTERRUPT, 1);
}

fn register(offset: usize) -> *mut u32 {
    phys_to_virt(PhysAddr::from_usize(REGISTERS + offset)).as_mut_ptr_of()
}

fn read(offset: usize) -> u32 {
    // SAFETY: a register of the clock, which the platform has mapped.
    unsafe { register(offset).read_volatile() }
}

fn write(offset: usize, value: u32) {
    // SAFETY: as above; one CPU at a time uses the clock.
    unsafe { register(offset).write_volatile(value) };
}

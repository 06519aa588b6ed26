//! A kernel that knows `axplat` alone: it counts interrupts of the timer, and waits for one of a
//! device, the alarm of the real-time clock.

#![no_std]
#![no_main]

extern crate axplat_riscv64_landfall as platform;

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU64, Ordering};

use axcpu::trap::{IRQ, register_trap_handler};
use axplat::console_println;
use axplat::mem::{PhysAddr, mmio_ranges, phys_to_virt};
use axplat::time::{Duration, TimeValue, monotonic_time, monotonic_time_nanos, set_oneshot_timer, wall_time};
use platform::config::devices::TIMER_IRQ;

/// Nanoseconds between two interrupts of the timer.
const INTERVAL: u64 = 1_000_000;
/// The number of interrupts to wait for.
const WANTED: u64 = 20;

/// The Goldfish clock of QEMU's `virt`, and its number at the PLIC.
const RTC: usize = 0x10_1000;
const RTC_IRQ: usize = 11;
/// Its registers (QEMU, `hw/rtc/goldfish_rtc.c`).
const TIME_LOW: usize = 0x00;
const TIME_HIGH: usize = 0x04;
const ALARM_LOW: usize = 0x08;
const ALARM_HIGH: usize = 0x0c;
const IRQ_ENABLED: usize = 0x10;
const CLEAR_INTERRUPT: usize = 0x1c;

static TICKS: AtomicU64 = AtomicU64::new(0);
static ALARMS: AtomicU64 = AtomicU64::new(0);
/// When the timer was to interrupt next.
static DEADLINE: AtomicU64 = AtomicU64::new(0);

#[register_trap_handler(IRQ)]
fn handle_irq(vector: usize) -> bool {
    axplat::irq::handle(vector);
    true
}

#[axplat::main]
fn main(cpu_id: usize, arg: usize) -> ! {
    axplat::init::init_early(cpu_id, arg);
    axplat::init::init_later(cpu_id, arg);
    assert!(axplat::irq::register(TIMER_IRQ, tick), "the timer takes a handler");
    assert!(!axplat::irq::register(TIMER_IRQ, tick), "it takes one only");
    axcpu::asm::enable_irqs();
    let until = monotonic_time() + Duration::from_secs(20);
    while TICKS.load(Ordering::Acquire) < WANTED && monotonic_time() < until {
        axcpu::asm::wait_for_irqs();
    }
    let ticks = TICKS.load(Ordering::Acquire);
    assert!(ticks >= WANTED, "{ticks} interrupts of the timer in 20 s");
    console_println!("axplat: timer ok");
    wall_clock();
    device();
    axplat::power::system_off()
}

fn tick() {
    let now = monotonic_time_nanos();
    assert!(now >= DEADLINE.load(Ordering::Relaxed), "the timer came too early");
    TICKS.fetch_add(1, Ordering::Release);
    DEADLINE.store(now + INTERVAL, Ordering::Relaxed);
    set_oneshot_timer(now + INTERVAL);
}

fn wall_clock() {
    const YEAR_2020: TimeValue = TimeValue::from_secs(1_577_836_800);
    if wall_time() > YEAR_2020 {
        console_println!("axplat: wall clock ok");
    } else {
        console_println!("axplat: no wall clock");
    }
}

/// Waits for the clock's alarm.
fn device() {
    assert!(mmio_ranges().iter().any(|(start, size)| (*start..start + size).contains(&RTC)));
    axplat::irq::register(RTC_IRQ, || {
        ALARMS.fetch_add(1, Ordering::Release);
        write(CLEAR_INTERRUPT, 1);
    });
    let alarm = (u64::from(read(TIME_LOW)) | u64::from(read(TIME_HIGH)) << 32) + INTERVAL;
    write(IRQ_ENABLED, 1);
    let [low @ .., _, _, _, _] = alarm.to_le_bytes();
    let [_, _, _, _, high @ ..] = alarm.to_le_bytes();
    write(ALARM_HIGH, u32::from_le_bytes(high));
    write(ALARM_LOW, u32::from_le_bytes(low));
    let until = monotonic_time() + Duration::from_secs(3);
    while ALARMS.load(Ordering::Acquire) == 0 && monotonic_time() < until {
        axcpu::asm::wait_for_irqs();
    }
    match ALARMS.load(Ordering::Acquire) {
        0 => console_println!("axplat: no interrupt of a device"),
        1 => console_println!("axplat: device ok"),
        many => panic!("{many} interrupts of one alarm"),
    }
}

fn register(offset: usize) -> *mut u32 {
    phys_to_virt(PhysAddr::from_usize(RTC + offset)).as_mut_ptr_of()
}

fn read(offset: usize) -> u32 {
    // SAFETY: a register of the clock, which the platform has mapped.
    unsafe { register(offset).read_volatile() }
}

fn write(offset: usize, value: u32) {
    // SAFETY: as above; the clock has no other user.
    unsafe { register(offset).write_volatile(value) };
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    console_println!("landfall: panic {info}");
    axplat::power::system_off()
}

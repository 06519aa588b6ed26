//! A kernel that knows `axplat` alone. It counts interrupts of the timer. Then it waits on each CPU
//! for those of a device, the alarm of the real-time clock.

#![no_std]
#![no_main]

extern crate axplat_riscv64_landfall as platform;

mod others;
mod rtc;

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use axcpu::trap::{IRQ, register_trap_handler};
use axplat::console_println;
use axplat::time::{Duration, TimeValue, monotonic_time, monotonic_time_nanos, set_oneshot_timer, wall_time};
use platform::config::devices::TIMER_IRQ;

/// Nanoseconds between two interrupts of the timer, and until an alarm.
const INTERVAL: u64 = 1_000_000;
/// The number of interrupts to wait for.
const WANTED: u64 = 20;
/// The time in which an alarm interrupts, and one after which an alarm that is off has not.
const PATIENCE: Duration = Duration::from_secs(3);
const BRIEFLY: Duration = Duration::from_millis(20);

static TICKS: AtomicU64 = AtomicU64::new(0);
static ALARMS: AtomicU64 = AtomicU64::new(0);
/// The CPU that took the last alarm.
static TAKEN_BY: AtomicUsize = AtomicUsize::new(0);
/// When the boot CPU's timer was to interrupt next.
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
    if others::current() == 0 {
        assert!(now >= DEADLINE.load(Ordering::Relaxed), "the timer came too early");
        DEADLINE.store(now + INTERVAL, Ordering::Relaxed);
    }
    TICKS.fetch_add(1, Ordering::Release);
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

/// Waits for alarms on this CPU; then on each of the others, which takes the interrupt over; then
/// on this one again.
fn device() {
    assert!(rtc::is_mapped());
    axplat::irq::register(rtc::IRQ, || {
        TAKEN_BY.store(others::current(), Ordering::Relaxed);
        ALARMS.fetch_add(1, Ordering::Release);
        rtc::clear();
    });
    if !alarm_comes(PATIENCE) {
        console_println!("axplat: no interrupt of a device");
        return;
    }
    console_println!("axplat: device ok");
    others::boot();
    others::take_turns();
    axplat::irq::set_enable(rtc::IRQ, false);
    assert!(!alarm_comes(BRIEFLY), "an interrupt that is off");
    axplat::irq::set_enable(rtc::IRQ, true);
    assert!(comes(PATIENCE), "an interrupt that was held back");
    console_println!("axplat: device ok on {} CPUs", others::count());
}

#[axplat::secondary_main]
fn secondary(cpu_id: usize) -> ! {
    axplat::init::init_early_secondary(cpu_id);
    axplat::init::init_later_secondary(cpu_id);
    axcpu::asm::enable_irqs();
    others::wait_for_turn(cpu_id);
    axplat::irq::set_enable(rtc::IRQ, true);
    assert!(alarm_comes(PATIENCE), "no interrupt of a device on CPU {cpu_id}");
    others::end_turn();
    loop {
        axcpu::asm::wait_for_irqs();
    }
}

/// Sets an alarm, and returns true if this CPU takes it.
fn alarm_comes(patience: Duration) -> bool {
    assert_eq!(ALARMS.load(Ordering::Acquire), 0, "an alarm that was not set");
    rtc::set_alarm(INTERVAL);
    comes(patience)
}

/// Returns true if this CPU takes an alarm, once.
fn comes(patience: Duration) -> bool {
    let until = monotonic_time() + patience;
    while ALARMS.load(Ordering::Acquire) == 0 && monotonic_time() < until {
        axcpu::asm::wait_for_irqs();
    }
    match ALARMS.swap(0, Ordering::Acquire) {
        0 => false,
        1 => {
            let (cpu, own) = (TAKEN_BY.load(Ordering::Relaxed), others::current());
            assert_eq!(cpu, own, "CPU {cpu} takes the interrupt of CPU {own}");
            true
        }
        many => panic!("{many} interrupts of one alarm"),
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    console_println!("landfall: panic {info}");
    axplat::power::system_off()
}

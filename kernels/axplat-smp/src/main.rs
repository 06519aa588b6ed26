//! A kernel that knows `axplat` alone: it boots all CPUs, each on a stack of its own, with
//! interrupts of its timer and of others.

#![no_std]
#![no_main]

extern crate axplat_riscv64_landfall as platform;

use core::cell::UnsafeCell;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering};

use axcpu::trap::{IRQ, register_trap_handler};
use axplat::console_println;
use axplat::irq::IpiTarget;
use axplat::mem::{VirtAddr, virt_to_phys};
use axplat::time::{Duration, monotonic_time, monotonic_time_nanos, set_oneshot_timer};
use platform::config::devices::{IPI_IRQ, TIMER_IRQ};
use platform::config::plat::MAX_CPU_NUM;

const STACK_SIZE: usize = 16 << 10;
/// The most CPUs that are booted.
const MOST: usize = if MAX_CPU_NUM < 16 { MAX_CPU_NUM } else { 16 };

#[repr(C, align(4096))]
struct Stack(UnsafeCell<[u8; STACK_SIZE]>);

// SAFETY: each is the stack of one CPU alone.
unsafe impl Sync for Stack {}

static STACKS: [Stack; MOST] = [const { Stack(UnsafeCell::new([0; STACK_SIZE])) }; MOST];

/// CPUs that are up; those that were interrupted by a timer, and how often one CPU was by another.
static UP: AtomicUsize = AtomicUsize::new(0);
static TICKS: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

#[register_trap_handler(IRQ)]
fn handle_irq(vector: usize) -> bool {
    axplat::irq::handle(vector);
    true
}

#[axplat::main]
fn main(cpu_id: usize, arg: usize) -> ! {
    axplat::init::init_early(cpu_id, arg);
    axplat::init::init_later(cpu_id, arg);
    let count = axplat::power::cpu_num().min(MOST);
    console_println!("CPU {cpu_id} of {count}");
    axplat::irq::register(TIMER_IRQ, || {
        TICKS.fetch_add(1, Ordering::Release);
        set_oneshot_timer(monotonic_time_nanos() + 3_600_000_000_000);
    });
    axplat::irq::register(IPI_IRQ, || {
        CALLS.fetch_add(1, Ordering::Release);
    });
    for (cpu, stack) in STACKS.iter().enumerate().take(count).filter(|(cpu, _)| *cpu != cpu_id) {
        let top = VirtAddr::from_usize((&raw const *stack).wrapping_add(1).expose_provenance());
        axplat::power::cpu_boot(cpu, virt_to_phys(top).as_usize());
    }
    UP.fetch_add(1, Ordering::Release);
    wait("are up", || UP.load(Ordering::Acquire) >= count);
    console_println!("axplat: {count} CPUs up");
    axcpu::asm::enable_irqs();
    wait("have ticked", || TICKS.load(Ordering::Acquire) >= count);
    console_println!("axplat: timers ok");
    axplat::irq::send_ipi(IPI_IRQ, IpiTarget::AllExceptCurrent { cpu_id, cpu_num: count });
    axplat::irq::send_ipi(IPI_IRQ, IpiTarget::Current { cpu_id });
    wait("were called", || CALLS.load(Ordering::Acquire) >= count);
    assert_eq!(CALLS.load(Ordering::Acquire), count, "each once");
    console_println!("axplat: calls ok");
    axplat::power::system_off()
}

#[axplat::secondary_main]
fn secondary(cpu_id: usize) -> ! {
    axplat::init::init_early_secondary(cpu_id);
    axplat::init::init_later_secondary(cpu_id);
    let local = cpu_id;
    let own = virt_to_phys(VirtAddr::from_ptr_of(&raw const local)).as_usize();
    let stack = virt_to_phys(VirtAddr::from_ptr_of(&raw const STACKS[cpu_id])).as_usize();
    assert!((stack..stack + STACK_SIZE).contains(&own), "CPU {cpu_id} is not on its stack");
    // Floating point is on.
    let half = core::hint::black_box(f64::from(u32::try_from(cpu_id).unwrap_or(1)) + 1.0) / 2.0;
    assert!(half > 0.0);
    set_oneshot_timer(0);
    axcpu::asm::enable_irqs();
    UP.fetch_add(1, Ordering::Release);
    loop {
        axcpu::asm::wait_for_irqs();
    }
}

/// Waits until all CPUs have done something.
fn wait(what: &str, done: impl Fn() -> bool) {
    let until = monotonic_time() + Duration::from_secs(60);
    while !done() {
        assert!(monotonic_time() < until, "not all CPUs {what} in 60 s");
        core::hint::spin_loop();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    console_println!("landfall: panic {info}");
    axplat::power::system_off()
}

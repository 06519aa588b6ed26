//! `TimeIf`.

use core::sync::atomic::{AtomicU64, Ordering};

use axplat::time::TimeIf;

use super::board::board;

/// The wall clock when the monotonic one was 0, in nanoseconds; 0 if unknown.
static EPOCH_OFFSET: AtomicU64 = AtomicU64::new(0);

/// Asks the real-time clock, where there is one that we know.
pub(super) fn init_early() {
    #[cfg(feature = "rtc")]
    if let Some(registers) = board().rtc.and_then(|registers| board().devices.virt(registers)) {
        let seconds = riscv_goldfish::Rtc::new(registers.get() as usize).get_unix_timestamp();
        let now = axplat::time::monotonic_time_nanos();
        let nanos = seconds.saturating_mul(crate::clock::NANOS_PER_SEC).saturating_sub(now);
        EPOCH_OFFSET.store(nanos, Ordering::Relaxed);
    }
}

struct Time;

#[super::impl_interface]
impl TimeIf for Time {
    fn current_ticks() -> u64 {
        riscv::register::time::read64()
    }

    fn ticks_to_nanos(ticks: u64) -> u64 {
        board().clock.nanos(ticks)
    }

    fn nanos_to_ticks(nanos: u64) -> u64 {
        board().clock.ticks(nanos)
    }

    fn epochoffset_nanos() -> u64 {
        EPOCH_OFFSET.load(Ordering::Relaxed)
    }

    #[cfg(all(feature = "preview", feature = "irq"))]
    fn irq_num() -> usize {
        crate::config::devices::TIMER_IRQ
    }

    /// Never before `deadline_ns`.
    #[cfg(feature = "irq")]
    fn set_oneshot_timer(deadline_ns: u64) {
        sbi_rt::set_timer(board().clock.ticks_until(deadline_ns));
    }
}

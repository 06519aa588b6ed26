//! Ticks and nanoseconds.

/// Nanoseconds in a second.
pub(crate) const NANOS_PER_SEC: u64 = 1_000_000_000;

/// The timebase if the tree does not state it: 10 MHz, as in QEMU and on many boards.
const USUAL_FREQUENCY: u64 = 10_000_000;

/// A clock of so many ticks a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    frequency: u64,
}

impl Clock {
    /// The clock of a tree's `timebase-frequency`; 0 where it has none.
    pub(crate) const fn new(frequency: u64) -> Self {
        Self { frequency: if frequency == 0 { USUAL_FREQUENCY } else { frequency } }
    }

    /// Whole nanoseconds, exact for any number of ticks: seconds and the rest apart, so that no
    /// product overflows.
    pub(crate) const fn nanos(self, ticks: u64) -> u64 {
        let (seconds, rest) = (ticks / self.frequency, ticks % self.frequency);
        seconds.wrapping_mul(NANOS_PER_SEC).wrapping_add(scale(rest, NANOS_PER_SEC, self.frequency))
    }

    /// Whole ticks.
    pub(crate) const fn ticks(self, nanos: u64) -> u64 {
        let (seconds, rest) = (nanos / NANOS_PER_SEC, nanos % NANOS_PER_SEC);
        seconds.wrapping_mul(self.frequency).wrapping_add(scale(rest, self.frequency, NANOS_PER_SEC))
    }

    /// The first tick that is not before `nanos`: an alarm never comes too early.
    pub(crate) const fn ticks_until(self, nanos: u64) -> u64 {
        let ticks = self.ticks(nanos);
        if self.nanos(ticks) < nanos { ticks.wrapping_add(1) } else { ticks }
    }
}

/// `value * by / of`, where `value` is less than `of`.
#[expect(clippy::cast_possible_truncation, reason = "the result is less than `by`")]
const fn scale(value: u64, by: u64, of: u64) -> u64 {
    match value.checked_mul(by) {
        Some(product) => product / of,
        None => (value as u128 * by as u128 / of as u128) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn conversions_are_those_of_whole_numbers(frequency in 1..10_000_000_000_u64, ticks in 0..1_u64 << 53) {
            let clock = Clock::new(frequency);
            let nanos = u128::from(ticks) * u128::from(NANOS_PER_SEC) / u128::from(frequency);
            prop_assume!(nanos <= u128::from(u64::MAX));
            prop_assert_eq!(u128::from(clock.nanos(ticks)), nanos);
            let back = u128::from(ticks) * u128::from(frequency) / u128::from(NANOS_PER_SEC);
            prop_assert_eq!(u128::from(clock.ticks(ticks)), back);
        }

        #[test]
        fn an_alarm_comes_at_the_first_tick_that_is_not_too_early(frequency in 1..10_000_000_000_u64, nanos in 0..1_u64 << 53) {
            let clock = Clock::new(frequency);
            let tick = clock.ticks_until(nanos);
            prop_assert!(clock.nanos(tick) >= nanos);
            prop_assert!(tick == 0 || frequency > NANOS_PER_SEC || clock.nanos(tick - 1) < nanos);
        }
    }

    #[test]
    fn a_tree_without_timebase_gets_ten_megahertz() {
        assert_eq!(Clock::new(0).nanos(10_000_000), NANOS_PER_SEC);
    }
}

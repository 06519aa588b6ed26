//! Interrupts of a hart: which are pending, and which one is taken.

use crate::config::Config;
use crate::world::World;

use super::csr::status;
use super::{Hart, Privilege};

/// The bit of supervisor software interrupts in `sie` and `sip`.
pub(crate) const SOFTWARE: u64 = 1 << 1;
/// The bit of supervisor timer interrupts.
pub(crate) const TIMER: u64 = 1 << 5;
/// The bit of supervisor external interrupts.
pub(crate) const EXTERNAL: u64 = 1 << 9;
/// All of them.
pub(crate) const ALL: u64 = SOFTWARE | TIMER | EXTERNAL;

/// Returns the counter `time`.
#[inline]
pub(crate) fn time(world: &World) -> u64 {
    ticks(&world.config, world.now)
}

/// Returns the ticks of `time` in a number of instructions.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "no run has so many instructions")]
fn ticks(config: &Config, instructions: u64) -> u64 {
    let ticks = u128::from(instructions) * u128::from(config.timebase);
    (ticks / u128::from(config.instructions_per_second.max(1))) as u64
}

/// Returns the least number of instructions after which `time` has a value.
pub(crate) fn instructions_until(config: &Config, tick: u64) -> u64 {
    let instructions = u128::from(tick) * u128::from(config.instructions_per_second.max(1));
    u64::try_from(instructions.div_ceil(u128::from(config.timebase.max(1)))).unwrap_or(u64::MAX)
}

/// Returns `sip`.
#[inline]
pub(crate) fn sip(hart: &Hart, world: &World) -> u64 {
    let mut pending = 0;
    if hart.csrs.software_interrupt {
        pending |= SOFTWARE;
    }
    if time(world) >= hart.csrs.timer {
        pending |= TIMER;
    }
    if world.devices.interrupts(hart.index) {
        pending |= EXTERNAL;
    }
    pending
}

/// Returns the number of the interrupt that the hart takes now, if there is one.
#[inline]
pub(crate) fn pending(hart: &Hart, world: &World) -> Option<u64> {
    let supervisor = hart.privilege == Privilege::Supervisor;
    if hart.csrs.sie == 0 || supervisor && hart.csrs.sstatus & status::SIE == 0 {
        return None;
    }
    let pending = sip(hart, world) & hart.csrs.sie;
    [EXTERNAL, SOFTWARE, TIMER]
        .into_iter()
        .find(|interrupt| pending & interrupt != 0)
        .map(|interrupt| u64::from(interrupt.trailing_zeros()))
}

/// Returns true if an interrupt ends `wfi`, although `sstatus.SIE` may hold it back.
#[inline]
pub(crate) fn wakes(hart: &Hart, world: &World) -> bool {
    hart.csrs.sie != 0 && sip(hart, world) & hart.csrs.sie != 0
}

/// Returns the `time` at which the hart's timer interrupts it, if it is enabled.
pub(crate) fn next_timer(hart: &Hart) -> Option<u64> {
    (hart.csrs.sie & TIMER != 0 && hart.csrs.timer != u64::MAX).then_some(hart.csrs.timer)
}

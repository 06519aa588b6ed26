//! The software events of a hart (SSE): their states and attributes.

use crate::config::Config;

/// The number of the local event that a double trap signals.
pub(crate) const DOUBLE_TRAP: u32 = 1;
/// The number of the local event that software injects.
pub(crate) const LOCAL: u32 = 0xffff_0000;
/// The number of the global event that software injects.
pub(crate) const GLOBAL: u32 = 0xffff_8000;

/// The state of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventState {
    /// It has no handler.
    Unused = 0,
    /// It has a handler.
    Registered = 1,
    /// It is delivered.
    Enabled = 2,
    /// Its handler runs.
    Running = 3,
}

/// The interrupted state that the supervisor's CSRs do not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interrupted {
    /// `sepc`.
    pub(crate) sepc: u64,
    /// Bit 0 is SPP, bit 1 SPIE, bit 5 SDT.
    pub(crate) flags: u64,
    /// `a6`.
    pub(crate) a6: u64,
    /// `a7`.
    pub(crate) a7: u64,
}

/// A software event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its number.
    pub(crate) number: u32,
    /// Its state.
    pub(crate) state: EventState,
    /// It has been signaled, and its handler has not begun.
    pub(crate) pending: bool,
    /// Its priority; the lowest value comes first.
    pub(crate) priority: u64,
    /// Its end disables it.
    pub(crate) one_shot: bool,
    /// The id of the hart that handles it: its own one, or a global event's preferred one.
    pub(crate) hart: u64,
    /// The index of the hart on which its handler runs, in the state [`EventState::Running`].
    pub(crate) runs_on: usize,
    /// The handler's address.
    pub(crate) entry: u64,
    /// The handler's `a7`.
    pub(crate) argument: u64,
    /// The state that its handler interrupted.
    pub(crate) interrupted: Interrupted,
}

impl Event {
    /// Returns an unused event.
    pub(crate) const fn new(number: u32, hart: u64) -> Self {
        Self {
            number,
            state: EventState::Unused,
            pending: false,
            priority: 0,
            one_shot: false,
            hart,
            runs_on: 0,
            entry: 0,
            argument: 0,
            interrupted: Interrupted { sepc: 0, flags: 0, a6: 0, a7: 0 },
        }
    }

    /// Returns the key by which one event precedes another: the lowest comes first.
    pub(crate) const fn rank(&self) -> (u64, u32) {
        (self.priority, self.number)
    }
}

/// The local events of a hart.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    /// The hart takes no events.
    pub(crate) masked: bool,
    /// The events that it has.
    pub(crate) local: Vec<Event>,
}

impl Events {
    /// Returns the events of the hart with this id.
    pub(crate) fn new(id: u64, config: &Config) -> Self {
        let double_trap = config.extensions.ssdbltrp.then_some(DOUBLE_TRAP);
        let numbers = double_trap.into_iter().chain([LOCAL]);
        Self { masked: true, local: numbers.map(|number| Event::new(number, id)).collect() }
    }
}

//! All that the harts share: memory, devices, time and the choices of the run.

mod access;
mod firmware;

use crate::config::Config;
use crate::device::Devices;
use crate::liberty::Choices;
use crate::memory::Memory;

/// All that the harts share.
#[derive(Debug)]
pub(crate) struct World {
    /// The machine, as it was drawn.
    pub(crate) config: Config,
    /// The source of all choices.
    pub(crate) choices: Choices,
    /// Physical memory.
    pub(crate) memory: Memory,
    /// The devices.
    pub(crate) devices: Devices,
    /// Instructions that all harts have executed: the clock that every other time derives from.
    pub(crate) now: u64,
}

/// What an access to memory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// A load, or a load-reserved.
    Load,
    /// A store, an AMO, or a store-conditional.
    Store,
    /// A fetch.
    Fetch,
}

/// The order that an atomic instruction asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// `aq`: nothing younger comes before it.
    pub(crate) acquire: bool,
    /// `rl`: nothing older comes after it.
    pub(crate) release: bool,
}

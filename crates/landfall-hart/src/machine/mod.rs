//! A running machine: its harts take turns until an outcome.

mod message;
mod run;

use crate::config::Config;
use crate::hart::Hart;
use crate::hart::event::Event;
use crate::world::World;


/// A machine.
#[derive(Debug)]
pub struct Machine {
    /// The harts, by index.
    pub(crate) harts: Vec<Hart>,
    /// All that they share.
    pub(crate) world: World,
    /// The software event that any hart may handle.
    pub(crate) global_event: Event,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The kernel asked for shutdown; `failed` if it gave a failure as its reason.
    Shutdown {
        /// The reason was "system failure".
        failed: bool,
    },
    /// The kernel asked for a reboot.
    Reboot,
    /// No hart can run any more, and no interrupt can come.
    Idle,
    /// A hart took a trap while it could take none: SDT was set, or the trap vector itself faults.
    DoubleTrap {
        /// The hart's id.
        hart: u64,
    },
    /// The limit of instructions was reached.
    Limit,
}

impl Machine {
    /// Returns a machine at its entry.
    #[must_use]
    pub fn new(_config: Config) -> Self {
        todo!()
    }

    /// Runs until an outcome, for at most `limit` instructions of all harts together.
    pub fn run(&mut self, _limit: u64) -> Outcome {
        todo!()
    }

    /// Returns what the machine has printed.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        &self.world.devices.output
    }
}

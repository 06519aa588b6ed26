//! A running machine: its harts take turns until an outcome.

mod block;
mod inspect;
mod message;
mod state;
mod step;
mod turn;
mod wake;

use std::ops::ControlFlow;

use crate::config::{Config, Start};
use crate::hart::event::{self, Event};
use crate::hart::{Hart, State};
use crate::liberty::{Choices, Focus, Liberty};
use crate::tlb::Observer;
use crate::world::{Use, World};

pub(crate) use crate::message::Message;
pub use inspect::{Inspected, Inspector};
pub use state::HartState;

/// A machine.
#[derive(Debug)]
pub struct Machine {
    /// The harts, by index.
    pub(crate) harts: Vec<Hart>,
    /// All that they share.
    pub(crate) world: World,
    /// The software event that any hart may handle.
    pub(crate) global_event: Event,
    /// The inspector of instructions, if there is one.
    inspector: Option<Box<dyn Inspector>>,
}

/// The end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The kernel asked for shutdown.
    Shutdown {
        /// The reason was "system failure".
        failed: bool,
    },
    /// The kernel asked for a reboot.
    Reboot,
    /// No hart can run any more, and no interrupt can come.
    Idle,
    /// A hart took a trap while it could take none: SDT was set (Ssdbltrp).
    DoubleTrap {
        /// The hart's id.
        hart: u64,
    },
    /// A hart trapped again and again, and executed nothing between.
    TrapLoop {
        /// The hart's id.
        hart: u64,
    },
    /// The limit of instructions was reached.
    Limit,
}

impl Machine {
    /// Returns a machine at its entry.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self::build(config, None)
    }

    /// Returns a machine at its entry that takes one liberty for its first choices only.
    pub(crate) fn focused(config: Config, focus: Focus) -> Self {
        Self::build(config, Some(focus))
    }

    fn build(config: Config, focus: Option<Focus>) -> Self {
        let count = config.harts.len();
        let choices = Choices::new(config.seed, config.liberties, count);
        let mut choices = match focus {
            Some(focus) => choices.focused(focus),
            None => choices,
        };
        let mut harts: Vec<_> =
            (0..count).map(|index| Hart::new(index, config.harts[index], &config, &mut choices)).collect();
        let (boot, entry, tree) = (config.boot, config.entry, config.tree);
        let mut world = World::new(config, choices);
        block::begin(&mut harts[boot], &mut world, entry, tree);
        if world.config.start == Start::Together {
            for hart in harts.iter_mut().filter(|hart| hart.index != boot) {
                let delay = world.choices.choose(hart.index, Liberty::LateHart, 10_000);
                let at = if hart.lost { u64::MAX } else { delay };
                hart.state = State::StartPending { at, entry, opaque: tree };
            }
        }
        let global_event = Event::new(event::GLOBAL, world.config.harts[boot]);
        Self { harts, world, global_event, inspector: None }
    }

    /// Shows each translated access, and each fence of translations, to an observer from now on.
    pub fn observe(&mut self, observer: Box<dyn Observer>) {
        self.world.observer = Some(observer);
        for hart in &mut self.harts {
            hart.translations.forget_quick();
        }
    }

    /// Runs until an outcome, for at most `limit` instructions of all harts together.
    pub fn run(&mut self, limit: u64) -> Outcome {
        self.run_watched(limit, &mut |_| ControlFlow::Continue(())).unwrap_or(Outcome::Limit)
    }

    /// Runs as [`Machine::run`] does. After each turn of a hart, `watch` looks at the machine.
    ///
    /// Returns `None` if `watch` breaks. A watch changes no choice of the machine.
    pub fn run_watched(
        &mut self,
        limit: u64,
        watch: &mut dyn FnMut(&Self) -> ControlFlow<()>,
    ) -> Option<Outcome> {
        self.take_turns(limit, watch)
    }

    /// Returns the machine's properties.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.world.config
    }

    /// Sends bytes to the machine's console.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.world.devices.feed(bytes);
    }

    /// Returns what the machine has printed.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        &self.world.devices.output
    }

    /// Returns the instructions that all harts together have executed.
    #[must_use]
    pub const fn executed(&self) -> u64 {
        self.world.now
    }

    /// Returns the number of choices under a liberty that had two possible results or more.
    ///
    /// It counts those of the machine's drawing, and those of its run so far.
    #[must_use]
    pub fn opportunities(&self, liberty: Liberty) -> u64 {
        let drawn = self.world.config.drawn.iter().filter(|(other, _)| *other == liberty);
        drawn.map(|(_, count)| count).sum::<u64>() + self.world.choices.opportunities(liberty)
    }

    /// Returns the ids of the harts that a call can start, but that never begin.
    #[must_use]
    pub fn lost_harts(&self) -> Vec<u64> {
        self.harts.iter().filter(|hart| hart.lost).map(|hart| hart.id).collect()
    }

    /// Returns the last use of the past under a liberty.
    pub(crate) fn last_use(&self, liberty: Liberty) -> Option<&Use> {
        self.world.uses.last_of(liberty)
    }
}

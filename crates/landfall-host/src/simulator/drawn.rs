//! The machine that a seed stands for.

use std::path::Path;

use landfall_hart::config::{Config, ConfigError, Kernel, Mode, Options};
use landfall_hart::liberty::{Liberties, Liberty};
use landfall_predict::Randomness;

use super::SimulatorRequest;
use super::error::SimulatorError;
use crate::image::{blueprint, flat_image};
use crate::machine;
use crate::prepared::Prepared;
use crate::random::Random;
use crate::user_file::{self, Limit};

/// The alignment of landfall's images; other kernels get the 2 MiB that Linux requires.
const LANDFALL: u64 = 4096;
/// The speed of the harts. A tick of a millisecond has enough instructions for its handler. A wait
/// of a second for a hart that never starts has few.
const PER_SECOND: u64 = 10_000_000;

/// The machines of which a started hart may begin late, or never.
#[derive(Clone, Copy, Debug)]
enum LateHart {
    /// Those whose harts have a clock. Without one, a kernel counts polls until it skips a hart,
    /// for more than the usual limit.
    WithClock,
    /// All, since the user names the liberty.
    Any,
}

/// A machine that is drawn, and what it is drawn from.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) seed: u64,
    options: Options,
    late_hart: LateHart,
    pub(super) config: Config,
}

impl Drawn {
    /// Draws the machine of a request.
    pub(super) fn of(request: &SimulatorRequest, prepared: &Prepared) -> Result<Self, SimulatorError> {
        let seed = request.seed.map_or_else(fresh_seed, Ok)?;
        let options = options(request, prepared)?;
        let is_named = request.with.contains(&Liberty::LateHart);
        let late_hart = if is_named { LateHart::Any } else { LateHart::WithClock };
        let config = draw(seed, request.liberties(), &options, late_hart)?;
        Ok(Self { seed, options, late_hart, config })
    }

    /// Draws the machine of the same seed with other liberties.
    pub(super) fn with(&self, liberties: Liberties) -> Result<Config, ConfigError> {
        draw(self.seed, liberties, &self.options, self.late_hart)
    }
}

fn draw(
    seed: u64,
    liberties: Liberties,
    options: &Options,
    late_hart: LateHart,
) -> Result<Config, ConfigError> {
    let config = Config::draw(seed, liberties, options)?;
    let liberties = match late_hart {
        LateHart::WithClock if !config.extensions.time => config.liberties.without(Liberty::LateHart),
        LateHart::WithClock | LateHart::Any => config.liberties,
    };
    Ok(Config { liberties, ..config })
}

/// Returns a seed from the system, short enough to be typed.
fn fresh_seed() -> Result<u64, SimulatorError> {
    Random::fresh_seed().map(|seed| seed >> 32).map_err(|source| SimulatorError::Seed { source })
}

fn options(request: &SimulatorRequest, prepared: &Prepared) -> Result<Options, SimulatorError> {
    let boot = &request.boot;
    let path = prepared.boots().path();
    let is_landfall = blueprint(prepared.boots()).is_ok();
    // The segments of a landfall kernel's ELF state an address, and its image permits any.
    let image = if is_landfall { flat_image(prepared.boots()).ok() } else { None };
    let bytes = image.map_or_else(|| read(path, Limit::KERNEL), Ok)?;
    let load = |source| SimulatorError::Kernel { path: path.to_owned(), source };
    let mut options = Options::new(Kernel::read(&bytes).map_err(load)?);
    if is_landfall {
        options.alignment = LANDFALL;
    }
    options.instructions_per_second = PER_SECOND;
    options.harts = usize::try_from(boot.harts.get()).unwrap_or(usize::MAX);
    options.memory = boot.memory.0;
    options.load_at = boot.at.map(|at| at.0);
    options.widest = boot.mode.map(|mode| match mode {
        machine::Mode::Sv39 => Mode::Sv39,
        machine::Mode::Sv48 => Mode::Sv48,
        machine::Mode::Sv57 => Mode::Sv57,
    });
    let initrd = boot.initrd.as_deref().map(|path| read(path, Limit::INITRD));
    options.initrd = initrd.transpose()?;
    let nokaslr = (boot.randomness == Randomness::Off).then_some("nokaslr");
    let words: Vec<_> = boot.append.as_deref().into_iter().chain(nokaslr).collect();
    options.command_line = words.join(" ");
    Ok(options)
}

fn read(path: &Path, limit: Limit) -> Result<Vec<u8>, SimulatorError> {
    user_file::read(path, limit).map_err(|source| SimulatorError::Read { path: path.to_owned(), source })
}

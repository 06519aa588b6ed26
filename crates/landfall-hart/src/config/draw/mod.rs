//! Draws a machine: each property by the choices of its own liberty.
//!
//! If all choices are 0, the machine is QEMU's `virt`.

mod harts;
mod layout;
mod place;
#[cfg(test)]
mod tests;

use super::tree::{self, Seeds};
use super::{Config, ConfigError, Options, TreeSeeds};
use crate::liberty::{Choices, Liberties};

/// The salts of the seeds in the tree.
const RNG_SALT: u64 = 0x726e_6700;
const KASLR_SALT: u64 = 0x6b61_736c_7200;

impl Config {
    /// Draws a machine.
    ///
    /// Without liberties it is a machine such as QEMU's `virt`. A given option is never drawn.
    ///
    /// # Errors
    /// [`ConfigError`] names an option that is invalid, or that no machine can have.
    pub fn draw(seed: u64, liberties: Liberties, options: &Options) -> Result<Self, ConfigError> {
        Self::draw_with(&mut Choices::new(seed, liberties, options.harts), options)
    }

    /// Draws a machine by the choices of a run, which go on to count its events.
    pub(crate) fn draw_with(choices: &mut Choices, options: &Options) -> Result<Self, ConfigError> {
        options.check()?;
        let needs = layout::Needs::of(options)?;
        let layout = layout::draw(choices, options, &needs)?;
        let places = place::draw(choices, options, &needs, &layout)?;
        let ids = harts::draw_ids(choices, options.harts);
        let mut config = Self {
            seed: choices.seed(),
            liberties: choices.taken(),
            harts: ids.running,
            boot: ids.boot,
            start: options.start,
            disabled: ids.disabled,
            regions: layout.regions,
            widest: harts::draw_widest(choices, options),
            asid_bits: harts::draw_asid_bits(choices, options),
            extensions: harts::draw_extensions(choices, options),
            devices: layout.devices,
            timebase: layout.timebase,
            instructions_per_second: options.instructions_per_second,
            kernel: places.kernel,
            initrd: places.initrd,
            command_line: options.command_line.clone(),
            entry: places.kernel.start + options.kernel.entry,
            tree: places.tree.start,
            drawn: Vec::new(),
            contents: place::contents(options, &places),
        };
        let counts = choices.taken().iter().map(|liberty| (liberty, choices.opportunities(liberty)));
        config.drawn = counts.filter(|&(_, count)| count != 0).collect();
        let tree = tree::write(&config, &seeds(choices, options.seeds))?;
        config.contents.push((config.tree, tree));
        Ok(config)
    }
}

/// Returns the seeds in the tree. They depend on the run's seed alone.
fn seeds(choices: &Choices, wanted: TreeSeeds) -> Seeds {
    let bytes = |salt: u64, words: u64| {
        (0..words).flat_map(|word| choices.noise(salt + word).to_be_bytes()).collect()
    };
    let (rng, kaslr) = match wanted {
        TreeSeeds::None => (0, 0),
        TreeSeeds::Rng => (4, 0),
        TreeSeeds::Kaslr => (0, 1),
        TreeSeeds::Both => (4, 1),
    };
    Seeds { rng: bytes(RNG_SALT, rng), kaslr: bytes(KASLR_SALT, kaslr) }
}

/// Chooses for the machine; 0 is the plain result.
fn choose(choices: &mut Choices, liberty: crate::liberty::Liberty, options: u64) -> u64 {
    choices.choose(choices.machine(), liberty, options)
}

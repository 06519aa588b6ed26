//! The settings of the device tree's `/chosen`, for a boot and its prediction.

use clap::Args;

use landfall_predict::Randomness;
use landfall_predict::units::Seed;

#[derive(Debug, Args)]
pub(super) struct ChosenArgs {
    /// Disable randomization: adds the word `nokaslr` to the command line
    #[arg(long)]
    pub(super) no_kaslr: bool,

    /// The kernel's command line
    #[arg(long, value_name = "CMDLINE", allow_hyphen_values = true)]
    pub(super) append: Option<String>,
}

impl ChosenArgs {
    /// Returns the source of random numbers, if `seed` is the only seed in the tree.
    pub(super) const fn randomness(&self, seed: Option<Seed>) -> Randomness {
        match seed {
            Some(seed) => Randomness::Seed(seed),
            None if self.no_kaslr => Randomness::Off,
            None => Randomness::Fresh,
        }
    }
}

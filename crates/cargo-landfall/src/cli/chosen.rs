//! The settings of the device tree's `/chosen`, for a boot and its prediction.

use clap::Args;

use landfall_predict::Randomness;
use landfall_predict::units::Seed;

#[derive(Debug, Args)]
pub(super) struct Chosen {
    /// 16 hex digits that become the only seed in the device tree: the same seed gives the same
    /// layout
    #[arg(long, value_name = "HEX", conflicts_with = "no_kaslr")]
    seed: Option<Seed>,

    /// Disable randomization: adds the word `nokaslr` to the command line
    #[arg(long)]
    no_kaslr: bool,

    /// The kernel's command line
    #[arg(long, value_name = "CMDLINE", allow_hyphen_values = true)]
    pub(super) append: Option<String>,
}

impl Chosen {
    pub(super) const fn randomness(&self) -> Randomness {
        match self.seed {
            Some(seed) => Randomness::Seed(seed),
            None if self.no_kaslr => Randomness::Off,
            None => Randomness::Fresh,
        }
    }
}

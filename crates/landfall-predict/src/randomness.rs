//! The source of a boot's random numbers.

use crate::units::Seed;

/// The source of the kernel's random numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Randomness {
    /// The tree's own seeds; QEMU makes a new `rng-seed` for each boot.
    #[default]
    Fresh,
    /// This `kaslr-seed`, and nothing else.
    Seed(Seed),
    /// None: `nokaslr` on the command line.
    Off,
}

//! Random choices, and what is told of them.

use core::fmt;

/// Random numbers for one landing, each uniform over all 64-bit values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    /// Chooses the linear map's place.
    pub linear_map: u64,
    /// Chooses the kernel's place.
    pub kernel: u64,
    /// Chooses the kernel's place in physical memory.
    pub physical: u64,
    /// Where the entropy came from.
    pub source: SeedSource,
}

/// Where entropy came from: properties of the device tree's `/chosen`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeedSource {
    /// `kaslr-seed` alone.
    KaslrSeed,
    /// `rng-seed` alone.
    RngSeed,
    /// Both.
    Both,
}

impl fmt::Display for SeedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KaslrSeed => "kaslr-seed",
            Self::RngSeed => "rng-seed",
            Self::Both => "kaslr-seed and rng-seed",
        })
    }
}

/// Whether the addresses of a plan are random, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KaslrState {
    /// They are.
    Random(SeedSource),
    /// The kernel's policy forbids it.
    ForbiddenByPolicy,
    /// The command line has the word `nokaslr`.
    ForbiddenByCommandLine,
    /// The device tree has neither `kaslr-seed` nor `rng-seed`, or they are all zeros.
    NoSeed,
}

impl fmt::Display for KaslrState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random(source) => write!(f, "seeded from the device tree's {source}"),
            Self::ForbiddenByPolicy => write!(f, "off: the kernel's policy turns it off"),
            Self::ForbiddenByCommandLine => write!(f, "off: the command line says nokaslr"),
            Self::NoSeed => {
                write!(f, "off: the device tree has no seed (/chosen/kaslr-seed, /chosen/rng-seed)")
            }
        }
    }
}

/// A number of equally likely places; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole(u64);

impl Whole {
    /// `places`, or one where that is 0.
    #[must_use]
    pub const fn new(places: u64) -> Self {
        Self(if places == 0 { 1 } else { places })
    }

    /// How many.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The whole part of their logarithm to base 2.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0.ilog2()
    }

    /// The place that a random number chooses. None is likelier than another by more than `places` in 2^64.
    #[must_use]
    pub fn choose(self, random: u64) -> u64 {
        let product = u128::from(self.0) * u128::from(random);
        u64::try_from(product >> 64).unwrap_or(0)
    }
}

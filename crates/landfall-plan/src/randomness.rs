//! Random choices, and their report.
//!
//! ```
//! use landfall_plan::randomness::{PlaceCount, SeedSource};
//!
//! // A random number chooses one of 1000 places, which is worth 9 bits.
//! let places = PlaceCount::new(1000);
//! assert_eq!((places.bits(), places.choose(u64::MAX / 2)), (9, 499));
//!
//! let sources = SeedSource::KASLR_SEED.and(SeedSource::ZKR);
//! assert!(sources.includes(SeedSource::ZKR) && !sources.includes(SeedSource::RNG_SEED));
//! ```

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Random numbers for one landing, each uniform over all 64-bit values. They determine the
/// addresses, so they are wiped on drop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draws {
    /// Chooses the linear map's place.
    pub linear_map: u64,
    /// Chooses the kernel's place.
    pub kernel: u64,
    /// Chooses the kernel's place in physical memory.
    pub physical: u64,
    /// Chooses the near region's place.
    pub near: u64,
    /// Chooses the dynamic region's place.
    pub dynamic: u64,
    /// Chooses the stacks' place.
    pub stacks: u64,
    /// Chooses the page tables' place in physical memory.
    pub tables: u64,
    /// Chooses nothing yet.
    pub spare: u64,
    /// The seed behind them.
    pub seed: Seed,
}

impl Draws {
    /// Draws of 0, which choose the lowest place of each region. For callers that set some of them.
    #[must_use]
    pub const fn lowest(seed: Seed) -> Self {
        Self::from_words([0; 8], seed)
    }

    /// The draws in the order of the fields.
    #[must_use]
    pub const fn from_words(words: [u64; 8], seed: Seed) -> Self {
        let [linear_map, kernel, physical, near, dynamic, stacks, tables, spare] = words;
        Self { linear_map, kernel, physical, near, dynamic, stacks, tables, spare, seed }
    }
}

impl Zeroize for Draws {
    fn zeroize(&mut self) {
        let Self { linear_map, kernel, physical, near, dynamic, stacks, tables, spare, seed: _ } = self;
        for word in [linear_map, kernel, physical, near, dynamic, stacks, tables, spare] {
            word.zeroize();
        }
    }
}

impl Drop for Draws {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Draws {}

/// A seed without its secret: its sources and the most that it can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The sources.
    pub source: SeedSource,
    /// The most bits of entropy that it can hold; [`MAX_BITS`](Self::MAX_BITS) at most.
    pub bits: u32,
}

impl Seed {
    /// The bits of the kernel's entropy. No address has more.
    pub const MAX_BITS: u32 = 256;
    /// The fewest bits from which a kernel gets entropy: those of a `kaslr-seed`. A layout is drawn
    /// from fewer.
    pub const MIN_BITS: u32 = 64;

    /// Returns true if a layout can be drawn from it, but no entropy for the kernel.
    #[must_use]
    pub const fn is_short(self) -> bool {
        self.bits < Self::MIN_BITS
    }
}

/// The sources of a seed, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedSource(u8);

impl SeedSource {
    /// The device tree's `/chosen/kaslr-seed`.
    pub const KASLR_SEED: Self = Self(1);
    /// The device tree's `/chosen/rng-seed`.
    pub const RNG_SEED: Self = Self(2);
    /// The hart's own generator: the CSR `seed` of the extension Zkr.
    pub const ZKR: Self = Self(4);
    const NAMES: [(Self, &str); 3] =
        [(Self::KASLR_SEED, "kaslr-seed"), (Self::RNG_SEED, "rng-seed"), (Self::ZKR, "zkr")];

    /// Returns the sources of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the sources without `other`; `None` if no source remains.
    #[must_use]
    pub const fn without(self, other: Self) -> Option<Self> {
        match self.0 & !other.0 {
            0 => None,
            rest => Some(Self(rest)),
        }
    }

    /// Returns true if each source of `other` is one of these.
    #[must_use]
    pub const fn includes(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl fmt::Display for SeedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (_, name) in Self::NAMES.iter().filter(|(source, _)| self.includes(*source)) {
            write!(f, "{separator}{name}")?;
            separator = " and ";
        }
        Ok(())
    }
}

/// The origin of a seed, in words.
struct Origin(SeedSource);

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tree = self.0.without(SeedSource::ZKR);
        let zkr = self.0.includes(SeedSource::ZKR);
        let text = if zkr { "the hart's own generator (zkr)" } else { "" };
        match tree {
            None => f.write_str(text),
            Some(tree) if zkr => write!(f, "the device tree's {tree} and {text}"),
            Some(tree) => write!(f, "the device tree's {tree}"),
        }
    }
}

/// The randomization of a plan's addresses, or the reason against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KaslrState {
    /// They are, by this seed.
    Random(Seed),
    /// The kernel's policy forbids it.
    ForbiddenByPolicy,
    /// The command line has the word `nokaslr`.
    ForbiddenByCommandLine,
    /// The device tree has neither `kaslr-seed` nor `rng-seed`, or they are all zeros; the hart has
    /// no generator, and UEFI offers none. A machine that ACPI describes has no tree of firmware's.
    NoSeed,
}

impl fmt::Display for KaslrState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random(seed) => write!(f, "seeded from {}", Origin(seed.source)),
            Self::ForbiddenByPolicy => write!(f, "off: the kernel's policy turns it off"),
            Self::ForbiddenByCommandLine => write!(f, "off: the command line says nokaslr"),
            Self::NoSeed => {
                f.write_str(
                    "off: no seed from the device tree (/chosen/kaslr-seed, /chosen/rng-seed) or UEFI (EFI_RNG_PROTOCOL)",
                )
            }
        }
    }
}

/// A number of equally likely places; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceCount(u64);

impl PlaceCount {
    /// Returns the count of `places`, or one if that is 0.
    #[must_use]
    pub const fn new(places: u64) -> Self {
        Self(if places == 0 { 1 } else { places })
    }

    /// Returns the number of places.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the whole part of their logarithm to base 2.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0.ilog2()
    }

    /// Returns the place that a random number chooses. None is likelier than another by more than
    /// `places` in 2^64.
    #[must_use]
    pub fn choose(self, random: u64) -> u64 {
        let product = u128::from(self.0) * u128::from(random);
        u64::try_from(product >> 64).unwrap_or(0)
    }
}

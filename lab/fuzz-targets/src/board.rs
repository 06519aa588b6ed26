//! A board's device tree, and behind it what `plan --dtb` takes as options: a plan, or a sentence.

use crate::formats;
use landfall::Policy;
use landfall::paging::Mode;
use landfall::policy::{Alias, PhysicalPlacement, Placement};
use landfall::tree::Tree;
use landfall_image::feature::Features;
use landfall_image::record::Parts;
use landfall_plan::facts::MemoryTypes;
use landfall_predict::Randomness;
use landfall_predict::blueprint::Blueprint;
use landfall_predict::board::{self, Loading};
use landfall_predict::units::{Address, Extent, Seed, Size};

/// The bytes behind the tree, read piece by piece; zeros after their end.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    /// A number of any magnitude in three bytes: a value, and by how much it is shifted.
    fn number(&mut self) -> u64 {
        let value = u64::from(u16::from_le_bytes([self.byte(), self.byte()]));
        value.rotate_left(self.byte().into())
    }

    /// As the command line takes them: not empty, and below 2^64.
    fn extent(&mut self) -> Option<Extent> {
        let (base, size) = (self.number(), self.number());
        let fits = size != 0 && base.checked_add(size).is_some();
        fits.then_some(Extent { base: Address(base), size: Size(size) })
    }

    fn extents(&mut self, count: u8) -> Vec<Extent> {
        (0..count).filter_map(|_| self.extent()).collect()
    }

    fn wanted<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.byte() & 1 != 0).then(|| value(self))
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }
}

/// Plans for the input as a board's tree with options behind it.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    // A file may be padded. Here the padding is the options.
    let stated = bytes.first_chunk().and_then(|header| Tree::stated_size(*header).ok());
    let (tree, rest) = bytes.split_at(stated.unwrap_or(bytes.len()).min(bytes.len()));
    let mut rest = Rest(rest);
    let counts = [rest.byte() % 8, rest.byte() % 4, rest.byte() % 4];
    let loading = Loading {
        memory: rest.extents(counts[0]),
        reserve: rest.extents(counts[1]),
        no_map: rest.extents(counts[2]),
        at: rest.wanted(|rest| Address(rest.number())),
        tree_at: rest.wanted(|rest| Address(rest.number())),
        boot_hart: rest.wanted(Rest::number),
        initrd: rest.wanted(Rest::extent).flatten(),
        mode: rest.wanted(|rest| rest.one_of(&Mode::BEST_FIRST)),
        randomness: match rest.byte() % 3 {
            0 => Randomness::Fresh,
            1 => Randomness::Off,
            _ => Randomness::Seed(Seed(rest.number())),
        },
        append: rest
            .wanted(|rest| rest.one_of(&["nokaslr", "landfall.mode=sv39", "landfall.mode="]).to_owned()),
        memory_types: rest.wanted(|rest| rest.one_of(&[MemoryTypes::Standard, MemoryTypes::Thead])),
    };
    let policy = Policy::new()
        .with_placement(rest.one_of(&[Placement::OwnRegion, Placement::LinearMap]))
        .with_alias(rest.one_of(&[Alias::ReadOnly, Alias::Absent]))
        .with_physical_placement(rest.one_of(&[
            PhysicalPlacement::Stay,
            PhysicalPlacement::Pack,
            PhysicalPlacement::Random,
        ]));
    let parts = Parts { text: 0xc000, constants: 0x4000, early: 0x7000, data: 0x9000 };
    let missing = Features::NONE;
    let kernel = Blueprint { missing, parts, policy: Ok(policy), slots: 64, seal: Ok(()), inner: None };
    match board::case(tree, &loading, &kernel) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(Err(refused)) => assert!(!refused.message.is_empty()),
        Ok(Ok(case)) => formats::check(case),
    }
}

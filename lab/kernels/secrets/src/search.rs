//! The search, word by word.

use core::fmt;

use landfall::address::{LinearAddr, PhysRange, VirtRange};
use landfall::plan::{KaslrState, Plan};

/// Finds that are printed one by one.
const TOLD: u64 = 8;
const MOST: usize = 80;

/// Kinds of secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Seed,
    Draws,
    Entropy,
    Address,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Seed, Self::Draws, Self::Entropy, Self::Address];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seed => "seed",
            Self::Draws => "draws",
            Self::Entropy => "entropy",
            Self::Address => "addresses",
        })
    }
}

/// The patterns of a search, and the places where they were found.
#[derive(Debug)]
pub(crate) struct Search {
    wanted: [(u64, Kind); MOST],
    len: usize,
    regions: [VirtRange; 4],
    offsets: [u64; 3],
    is_random: bool,
    found: [u64; 4],
    words: u64,
}

impl Search {
    /// Returns a search for the secret addresses of a plan. They are pointers into the image, the
    /// stacks, the near region or the linear map, the dynamic region's start, and both offsets.
    pub(crate) fn new(plan: &Plan) -> Self {
        let image = VirtRange::new(plan.image.virt, plan.image.phys.size());
        let span = plan.linear.span;
        let map = VirtRange::new(plan.linear.virt(span.start()), span.size());
        let is_random = matches!(plan.kaslr, KaslrState::Random(_));
        Self {
            wanted: [(0, Kind::Seed); MOST],
            len: 0,
            regions: [image, plan.stacks.range(), plan.near, map],
            offsets: [plan.dynamic.start().get(), plan.linear.offset, plan.image_offset()],
            is_random,
            found: [0; 4],
            words: 0,
        }
    }

    /// Wants a value, wherever it begins.
    ///
    /// # Panics
    /// If there are too many: then the search would miss some.
    pub(crate) fn want(&mut self, kind: Kind, value: u64) {
        assert!(self.len < MOST, "the list is full");
        self.wanted[self.len] = (value, kind);
        self.len += 1;
    }

    /// The number of words searched.
    pub(crate) const fn words(&self) -> u64 {
        self.words
    }

    /// Looks at each word of free memory, and at each eight bytes from any of its bytes on.
    pub(crate) fn scan(&mut self, free: PhysRange) {
        let mut before = 0_u64;
        for phys in (free.start().get()..free.end().get()).step_by(8) {
            let at = LinearAddr::from_phys(landfall::address::PhysAddr::new(phys)).as_ptr::<u64>();
            // SAFETY: the linear map has all free memory, and no other code writes there.
            let word = unsafe { at.read_volatile() };
            self.words += 1;
            if word != 0 && self.is_random && self.is_address(word) {
                self.report(Kind::Address, phys);
            }
            if word | before != 0 {
                self.look(before, word, phys);
            }
            before = word;
        }
    }

    fn is_address(&self, word: u64) -> bool {
        let inside = |range: &VirtRange| word.wrapping_sub(range.start().get()) < range.size();
        self.regions.iter().any(inside) || self.offsets.contains(&word)
    }

    /// The eight windows that end in the word at `phys`.
    fn look(&mut self, before: u64, word: u64, phys: u64) {
        let pair = u128::from(word) << 64 | u128::from(before);
        for skip in 1..=8_u64 {
            #[expect(clippy::cast_possible_truncation, reason = "the low eight bytes of the window")]
            let window = (pair >> (8 * skip)) as u64;
            let hit = self.wanted[..self.len].iter().find(|(value, _)| *value == window);
            if let Some((_, kind)) = hit {
                self.report(*kind, phys.wrapping_sub(8) + skip);
            }
        }
    }

    fn report(&mut self, kind: Kind, phys: u64) {
        let count = &mut self.found[kind as usize];
        *count += 1;
        if *count <= TOLD {
            landfall::println!("landfall: found {kind} at {phys:#x}");
        }
    }
}

/// The kinds that were found.
impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kinds = Kind::ALL.into_iter().filter(|kind| self.found[*kind as usize] != 0);
        let Some(first) = kinds.next() else { return f.write_str("none") };
        write!(f, "{first}")?;
        kinds.try_for_each(|kind| write!(f, " {kind}"))
    }
}

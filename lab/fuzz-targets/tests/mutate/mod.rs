//! Mutations, the same ones for the same target in every run.

/// Numbers at which programs go wrong.
const EDGES: [u64; 12] =
    [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 1 << 32, 1 << 63, u64::MAX - 1, u64::MAX];
/// Longer inputs are cut: they cost time and find no more.
const LONGEST: usize = 1 << 16;

/// An endless row of inputs.
pub(crate) struct Mutator {
    state: u64,
    seeds: Vec<Vec<u8>>,
}

impl Mutator {
    pub(crate) fn new(name: &str, seeds: Vec<Vec<u8>>) -> Self {
        let state = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        Self { state, seeds }
    }

    /// The next input: a seed with one to eight changes.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let seed = self.below(self.seeds.len());
        let mut input = self.seeds[seed].clone();
        for _ in 0..=self.below(8) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    /// `SplitMix64`.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.random() % limit.max(1) as u64).unwrap_or_default()
    }

    /// A stretch of the input, mostly short.
    fn stretch(&mut self, input: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(input.len());
        let most = if self.below(4) == 0 { input.len() } else { 16 };
        let end = (start + self.below(most) + 1).min(input.len());
        start..end.max(start)
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        match self.below(8) {
            0 | 1 => {
                let (at, bit) = (self.below(input.len()), self.below(8));
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            2 | 3 => self.number(input),
            4 => {
                let bytes = self.random().to_le_bytes();
                let (at, count) = (self.below(input.len() + 1), self.below(8));
                input.splice(at..at, bytes[..count].iter().copied());
            }
            5 => {
                let stretch = self.stretch(input);
                input.drain(stretch);
            }
            6 => {
                let stretch = self.stretch(input);
                let copy = input[stretch].to_vec();
                let at = self.below(input.len() + 1);
                input.splice(at..at, copy);
            }
            _ => {
                let size = self.below(input.len() + 1);
                input.truncate(size);
            }
        }
    }

    /// Puts a number at which programs go wrong where one of some size may be, in either order of
    /// bytes.
    fn number(&mut self, input: &mut [u8]) {
        let edge = EDGES[self.below(EDGES.len())];
        let width = 1 << self.below(4);
        let at = self.below(input.len()) & !(width - 1);
        let Some(place) = input.get_mut(at..at + width) else { return };
        if self.below(2) == 0 {
            place.copy_from_slice(&edge.to_le_bytes()[..width]);
        } else {
            place.copy_from_slice(&edge.to_be_bytes()[8 - width..]);
        }
    }
}

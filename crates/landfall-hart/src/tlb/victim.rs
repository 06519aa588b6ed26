//! Replacement: the entry of a full set that goes.

#![expect(clippy::cast_possible_truncation, reason = "the number of a way is small")]

/// The rule by which an entry of a full set is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// The least recently used one.
    Lru,
    /// The one that a binary tree of bits points at; each use turns the bits on its path away.
    TreeLru,
    /// One after the other, whether it is used or not, and invalid entries too.
    Fifo,
    /// One drawn from the seed.
    Random,
}

/// The state of replacement of a cache.
#[derive(Clone, Debug)]
pub(super) struct Victims {
    rule: Replacement,
    ways: usize,
    /// By set and way, or by set and node of the tree, or by set.
    state: Vec<u64>,
    /// The number of uses, or the state of the generator.
    clock: u64,
}

impl Victims {
    pub(super) fn new(rule: Replacement, sets: usize, ways: usize, seed: u64) -> Self {
        let state = match rule {
            Replacement::Lru => vec![0; sets * ways],
            Replacement::TreeLru => vec![0; sets * ways.next_power_of_two()],
            Replacement::Fifo => vec![0; sets],
            Replacement::Random => Vec::new(),
        };
        let clock = if rule == Replacement::Random { seed } else { 0 };
        Self { rule, ways, state, clock }
    }

    /// Notes a use of an entry.
    pub(super) fn touch(&mut self, set: usize, way: usize) {
        match self.rule {
            Replacement::Lru => {
                self.clock += 1;
                self.state[set * self.ways + way] = self.clock;
            }
            Replacement::TreeLru => self.turn(set, way),
            Replacement::Fifo | Replacement::Random => {}
        }
    }

    /// Returns the entry to be replaced in a full set, or in any set under a rule that does not
    /// look for invalid entries.
    pub(super) fn take(&mut self, set: usize) -> usize {
        match self.rule {
            Replacement::Lru => {
                let uses = &self.state[set * self.ways..][..self.ways];
                (0..self.ways).min_by_key(|&way| uses[way]).unwrap_or_default()
            }
            Replacement::TreeLru => self.pointed(set),
            Replacement::Fifo => {
                let next = &mut self.state[set];
                let way = *next as usize;
                *next = (*next + 1) % self.ways as u64;
                way
            }
            Replacement::Random => {
                self.clock = self.clock.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = self.clock;
                z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
                ((z ^ z >> 31) % self.ways as u64) as usize
            }
        }
    }

    /// Returns true if invalid entries are filled first.
    pub(super) fn fills_first(&self) -> bool {
        self.rule != Replacement::Fifo
    }

    /// Makes each node on the way to an entry point to its other side.
    fn turn(&mut self, set: usize, way: usize) {
        let bits = &mut self.state[set * self.ways.next_power_of_two()..];
        let (mut node, mut first, mut count) = (1, 0, self.ways);
        while count > 1 {
            let left = left_of(count);
            let is_right = way >= first + left;
            bits[node] = u64::from(!is_right);
            node = 2 * node + usize::from(is_right);
            (first, count) = if is_right { (first + left, count - left) } else { (first, left) };
        }
    }

    /// Follows the nodes to an entry; 1 points to the right.
    fn pointed(&self, set: usize) -> usize {
        let bits = &self.state[set * self.ways.next_power_of_two()..];
        let (mut node, mut first, mut count) = (1, 0, self.ways);
        while count > 1 {
            let left = left_of(count);
            let is_right = bits[node] == 1;
            node = 2 * node + usize::from(is_right);
            (first, count) = if is_right { (first + left, count - left) } else { (first, left) };
        }
        first
    }
}

/// Returns the number of entries on the left of a node over `count`: a power of two, at least half.
const fn left_of(count: usize) -> usize {
    count.next_power_of_two() / 2
}

//! Plans against a model of their own: a small machine whose memory the steps change, byte by byte.
//!
//! ```text
//! memory   the memory of a machine, in pages
//! files    images, and what they ask for, read by other code
//! machine  a kernel that runs, and the check of a plan
//! ```

mod files;
mod machine;
mod memory;
mod mutants;
mod order;

/// The low byte of a number, and never 0.
const fn byte(number: u64) -> u8 {
    number.to_le_bytes()[0] | 1
}

/// Numbers that look random and are the same in every run (xorshift).
struct Random(u64);

impl Random {
    const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`.
    const fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 16) % end
    }

    fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).expect("a small number")
    }

    fn flip(&mut self, bytes: &mut [u8], within: usize) {
        if bytes.is_empty() {
            return;
        }
        let at = self.index(within.min(bytes.len()));
        bytes[at] = match self.below(4) {
            0 => 0,
            1 => 0xff,
            2 => bytes[at] ^ 1 << self.below(8),
            _ => byte(self.next()),
        };
    }
}

//! Rounds in which each fence decides. Harts use a translation, or code. One of them changes it.
//! Then all look again: no hart may have kept the past.
//!
//! ```text
//! page    a page loses write permission, and then its translation
//! code    code is replaced by other code in the same memory
//! user    a page of an address space is withdrawn; harts make address spaces at the same time
//! split   a page of a large leaf changes, while other harts use another page of it
//! ```

mod code;
mod page;
mod split;
mod user;

use core::hint::spin_loop;
use core::ops::RangeInclusive;
use core::sync::atomic::{AtomicU64, Ordering};

use landfall::space::Memory;
use landfall::{HartIndex, Landing};

use crate::machine::Space;
use crate::random::Random;
use crate::{meeting, store};

/// The most harts.
const HARTS: usize = 8;

/// The address of a round; 0 if the round has none.
static PLACE: AtomicU64 = AtomicU64::new(0);
/// The number of the last change that is complete.
static COMPLETE: AtomicU64 = AtomicU64::new(0);

/// A hart in a round.
struct Round {
    space: &'static Space,
    hart: HartIndex,
    harts: usize,
    /// The number of the round's first change.
    number: u64,
    random: Random,
    changes: bool,
}

/// Does `rounds` rounds.
pub(crate) fn run(
    landing: &'static Landing,
    space: &'static Space,
    hart: HartIndex,
    [rounds, seed]: [u64; 2],
) {
    let online = landing.online_harts();
    let harts = online.len();
    for number in 0..rounds {
        let drawn = number.wrapping_add(seed.wrapping_mul(0x9e37_79b9)) as usize;
        let changes = online.iter().nth(drawn / 6 % harts) == Some(hart);
        let drawn = (seed << 16 | hart.get() << 12 | number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let random = Random::new(drawn);
        let round = Round { space, hart, harts, number: 4 * number + 1, random, changes };
        match number % 6 {
            0 => round.withdraw(),
            1 => round.rewrite_code(),
            2 => round.withdraw_from_user(),
            3 => round.split(16),
            4 => round.split(512),
            _ => round.contend(),
        }
    }
}

impl Round {
    fn meet(&self) {
        meeting::meet(self.hart, self.harts, meeting::Moment::Between);
    }

    /// Notes a change of the round.
    fn complete(&self, change: u64) {
        COMPLETE.store(self.number + change, Ordering::Release);
    }

    /// Calls `work` again and again until a change of the round is complete.
    fn until(&self, change: u64, mut work: impl FnMut()) {
        while COMPLETE.load(Ordering::Acquire) < self.number + change {
            work();
            self.space.serve();
            spin_loop();
        }
    }

    /// Takes memory that only this hart looks for.
    fn take(&mut self, pages: RangeInclusive<u64>) -> Memory {
        loop {
            if let Some(memory) = store::take(&mut self.random, pages.clone()) {
                return memory;
            }
        }
    }

    /// Lets other harts work, for fewer than `most` steps.
    fn linger(&mut self, most: u64) {
        for _ in 0..self.random.below(most) {
            spin_loop();
        }
    }
}

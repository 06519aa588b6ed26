//! Places of the final state, and their values.

use crate::inst::Reg;

/// A part of the final state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A register of a hart.
    Register(usize, Reg),
    /// A location in memory, by index.
    Memory(usize),
}

/// The values of the observed places, in the test's order.
pub type Outcome = Vec<u64>;

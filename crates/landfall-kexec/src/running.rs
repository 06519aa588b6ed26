//! The kernel that runs.

use landfall_plan::Facts;

/// The kernel that runs.
#[derive(Clone, Copy, Debug)]
pub struct Running<'a> {
    /// The machine's facts.
    pub facts: &'a Facts,
    /// The plan of its landing.
    pub plan: &'a landfall_plan::Plan,
    /// Its device tree.
    pub tree: &'a [u8],
    /// The hart that starts the next kernel.
    pub hart: u64,
}

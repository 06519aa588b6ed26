//! A machine that has landed, and what the judges found.

use landfall_judge::Extensions;
use landfall_paging::Mode;
use landfall_predict::case::Prediction;
use landfall_predict::units::Address;

/// A machine at `main`.
#[derive(Debug)]
pub(super) struct Main {
    /// The paging mode.
    pub(super) mode: Mode,
    /// The places of everything.
    pub(super) layout: Layout,
    /// The plan, if the machine's random numbers were known.
    pub(super) prediction: Option<Box<Prediction>>,
    /// The broken rules.
    pub(super) findings: Vec<String>,
    /// The extensions of the tables.
    pub(super) extensions: Extensions,
    /// The judges of all that.
    pub(super) judges: Vec<&'static str>,
}

/// The places of a landing: equal for equal seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The kernel's physical address.
    pub(super) base: Address,
    /// The kernel's virtual address.
    pub(super) kernel: Address,
    /// The root table.
    pub(super) root: Address,
    /// Virtual minus physical addresses in the linear map.
    pub(super) offset: u64,
    /// The top of the first stack.
    pub(super) stack: Address,
}

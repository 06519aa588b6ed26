//! Runs: leaves that follow each other, in one piece.

use serde::{Deserialize, Serialize};

use crate::address::{Phys, Span, Virt};
use crate::attributes::Attributes;
use crate::leaf::{LeafCounts, LeafSize};
use crate::walk::Leaf;

/// Leaves of one size and with the same attributes, whose virtual and physical addresses both
/// follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "RunText", try_from = "RunText")]
pub struct Run {
    /// First virtual address.
    pub virt: Virt,
    /// First physical address.
    pub phys: Phys,
    /// Bytes.
    pub size: u64,
    /// The attributes of each leaf.
    pub attributes: Attributes,
    /// The size of each leaf.
    pub leaf: LeafSize,
}

impl Run {
    /// A run, if tables can have it: a multiple of the leaf's size that ends within the addresses.
    #[must_use]
    pub const fn new(
        virt: Virt,
        phys: Phys,
        size: u64,
        attributes: Attributes,
        leaf: LeafSize,
    ) -> Option<Self> {
        // No mode has more virtual addresses, and no page number more bits.
        let most = 1 << 57;
        let fits = size <= most && phys.0 <= most && virt.0.checked_add(size.saturating_sub(1)).is_some();
        if size == 0 || !size.is_multiple_of(leaf.bytes()) || !fits {
            return None;
        }
        Some(Self { virt, phys, size, attributes, leaf })
    }

    /// Returns the virtual addresses.
    #[must_use]
    pub const fn span(&self) -> Span<Virt> {
        Span::new(self.virt, self.size)
    }

    /// Returns the physical address after the last one. Page numbers have 44 bits, so it is far
    /// below 2^64.
    #[must_use]
    pub const fn phys_end(&self) -> u64 {
        self.phys.0 + self.size
    }

    /// Returns the number that leads from a physical address to the virtual one, modulo 2^64.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.virt.0.wrapping_sub(self.phys.0)
    }

    /// Returns the number of leaves.
    #[must_use]
    pub fn leaves(&self) -> LeafCounts {
        let mut counts = LeafCounts::default();
        counts[self.leaf] = self.size / self.leaf.bytes();
        counts
    }

    /// Returns true if `next` follows, with leaves of the same size.
    fn is_one_with(&self, next: &Self) -> bool {
        self.leaf == next.leaf && self.goes_on_in(next)
    }

    /// Returns true if `next` follows, in both kinds of addresses, and has the same attributes.
    pub(crate) fn goes_on_in(&self, next: &Self) -> bool {
        // Nothing follows the lower half's end, and nothing the end of all.
        self.span().end() == u128::from(next.virt.0)
            && self.phys_end() == next.phys.0
            && self.attributes == next.attributes
    }
}

/// A run as JSON has it.
#[derive(Serialize, Deserialize)]
struct RunText {
    #[serde(rename = "virtual")]
    virt: Virt,
    #[serde(rename = "physical")]
    phys: Phys,
    size: u64,
    access: String,
    flags: String,
    memory: String,
    leaf: String,
}

impl From<Run> for RunText {
    fn from(run: Run) -> Self {
        Self {
            virt: run.virt,
            phys: run.phys,
            size: run.size,
            access: run.attributes.access(),
            flags: run.attributes.flags(),
            memory: run.attributes.memory().to_string(),
            leaf: run.leaf.name().to_owned(),
        }
    }
}

impl TryFrom<RunText> for Run {
    type Error = String;

    fn try_from(text: RunText) -> Result<Self, String> {
        let RunText { virt, phys, size, access, flags, memory, leaf } = text;
        let wrong = || format!("the mapping at {virt} is not valid");
        let attributes = Attributes::from_text(&access, &flags, &memory).ok_or_else(wrong)?;
        let leaf = LeafSize::from_name(&leaf).ok_or_else(wrong)?;
        Self::new(virt, phys, size, attributes, leaf).ok_or_else(wrong)
    }
}

/// The runs of a root, made from leaves as they come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs {
    /// In the order of the walk: ascending, because the upper half follows the lower. Those of
    /// repeats follow, until [`Runs::sort`].
    pub(crate) kept: Vec<Run>,
    /// Leaves that begin a run beyond the limit.
    pub(crate) dropped: u64,
    /// The address of the first of them.
    pub(crate) first_dropped: Virt,
}

impl Runs {
    /// Adds a leaf, if it goes on in the last run or fewer than `most` are kept.
    pub(crate) fn push(&mut self, leaf: Leaf, most: usize) {
        let Leaf { virt, phys, size, attributes } = leaf;
        let run = Run { virt, phys, size: size.bytes(), attributes, leaf: size };
        if let Some(last) = self.kept.last_mut()
            && last.is_one_with(&run)
        {
            last.size += run.size;
        } else if self.kept.len() < most {
            self.kept.push(run);
        } else {
            if self.dropped == 0 {
                self.first_dropped = virt;
            }
            self.dropped += 1;
        }
    }

    /// Puts all runs into ascending order, and joins those that follow each other.
    pub(crate) fn sort(&mut self) {
        self.kept.sort_unstable_by_key(|run| run.virt);
        self.kept.dedup_by(|run, last| {
            let is_one = last.is_one_with(run);
            last.size += if is_one { run.size } else { 0 };
            is_one
        });
    }
}

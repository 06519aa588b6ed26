//! The plan of a landed kernel, by the decisions in its own memory. Neither a seed nor a page table
//! is read for it: tables only state where the image may be.
//!
//! ```text
//! image     the image in memory: its parts, its policy, and its landing index
//! values    the values that the index names
//! expected  from these values to every mapping
//! ```

mod expected;
mod image;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeSet;

use landfall_audit::memory::Memory;
use landfall_audit::plan::{NoPlan, Plan};
use landfall_audit::{Format, Origin, Phys, Request, Root, Run, Span, Virt, audit};
use landfall_image::feature::Feature;
use landfall_image::landing_index::IndexError;
use landfall_image::record::RecordError;
use thiserror::Error;

/// More places are not searched for an image.
const PLACES: usize = 64;

/// The plan of a landed kernel.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The root with which it landed.
    pub(super) root: Root,
    /// The plan, for the names of regions.
    pub(super) plan: Plan,
    /// Its mappings.
    pub(super) runs: Vec<Run>,
    /// The addresses that the plan leaves to the kernel, in ascending order.
    pub(super) left: Vec<Span<Virt>>,
}

/// Why no plan is known.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NoDecisions {
    /// No image begins at a mapping.
    #[error("no kernel of Landfall's begins at a mapping")]
    NoKernel,
    /// The record of the image.
    #[error("the kernel at {at} cannot be read: {source}")]
    Record {
        /// The image.
        at: Phys,
        /// The fault.
        source: RecordError,
    },
    /// The policy of the image.
    #[error("the policy of the kernel at {at} cannot be read: {reason}")]
    Policy {
        /// The image.
        at: Phys,
        /// The fault.
        reason: String,
    },
    /// The kernel was built without the index.
    #[error("the kernel at {at} was built without the feature {feature}, so it has no landing index")]
    Without {
        /// The image.
        at: Phys,
        /// The feature.
        feature: Feature,
    },
    /// The index.
    #[error("the kernel at {at} does not state its landing: {source}")]
    Index {
        /// The image.
        at: Phys,
        /// The fault.
        source: IndexError,
    },
    /// The kernel has not landed.
    #[error("the kernel at {at} has not landed")]
    NotLanded {
        /// The image.
        at: Phys,
    },
    /// Memory of the kernel.
    #[error("{bytes} bytes of the kernel at {at} cannot be read")]
    Unreadable {
        /// The first byte.
        at: Phys,
        /// Their number.
        bytes: u64,
    },
    /// Values that no landing has.
    #[error("the landing of the kernel in memory is damaged: {0}")]
    Damaged(&'static str),
    /// Mappings that no table has.
    #[error("the landing of the kernel in memory is damaged: {0}")]
    Plan(#[from] NoPlan),
}

/// Reads physical memory; `None` if a part of the span is missing.
pub type Read<'a> = dyn FnMut(Span<Phys>) -> Option<Vec<u8>> + 'a;

impl Decided {
    /// Returns the plan of the kernel whose image begins at one of `places`.
    ///
    /// # Errors
    /// [`NoDecisions`] if it is no kernel of Landfall's, or does not state its plan.
    pub fn at(places: &[Phys], read: &mut Read<'_>) -> Result<Self, NoDecisions> {
        let image = image::find(places, read)?;
        let values = image.values(read)?;
        expected::plan(&image, &values)
    }

    /// Returns the mappings in ascending order.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }
}

/// Returns the plan of the kernel that runs with these tables.
///
/// # Errors
/// [`NoDecisions`] if it is no kernel of Landfall's, or does not state its plan.
pub(super) fn find(
    tables: &mut impl Memory,
    roots: &[(Root, Origin)],
    read: &mut Read<'_>,
) -> Result<Decided, NoDecisions> {
    Decided::at(&places(tables, roots), read)
}

/// Returns the plan of a kernel in a source that has whole pages.
///
/// # Errors
/// As [`find`].
pub(super) fn in_pages(memory: &mut impl Memory, roots: &[(Root, Origin)]) -> Result<Decided, NoDecisions> {
    Decided::at(&places(memory, roots), &mut |span| pages(memory, span))
}

/// Returns the places where an image may begin: those where mappings begin that a kernel may not
/// write. First come those with code.
fn places(tables: &mut impl Memory, roots: &[(Root, Origin)]) -> Vec<Phys> {
    let request = Request { roots: roots.to_vec(), format: Format::default(), ..Request::default() };
    let audit = audit(tables, &request);
    let runs = || audit.roots.iter().flat_map(|root| &root.runs);
    let kept = || runs().filter(|run| run.virt.is_upper() && !run.attributes.writable());
    let (code, others): (Vec<&Run>, Vec<_>) = kept().partition(|run| run.attributes.executable());
    let mut seen = BTreeSet::new();
    let all = code.into_iter().chain(others).map(|run| run.phys);
    all.filter(|place| seen.insert(*place)).take(PLACES).collect()
}

/// Reads memory of the kernel.
fn memory(span: Span<Phys>, read: &mut Read<'_>) -> Result<Vec<u8>, NoDecisions> {
    let unreadable = NoDecisions::Unreadable { at: span.start, bytes: span.size };
    read(span).filter(|bytes| bytes.len() as u64 == span.size).ok_or(unreadable)
}

/// Returns bytes of a source that has whole pages.
fn pages(memory: &mut impl Memory, span: Span<Phys>) -> Option<Vec<u8>> {
    const PAGE: u64 = landfall_audit::PAGE;
    let first = span.start.0 / PAGE * PAGE;
    let skipped = usize::try_from(span.start.0 - first).ok()?;
    let mut bytes = Vec::new();
    let mut page = [0; 4096];
    while (bytes.len() as u64) < span.size + skipped as u64 {
        memory.read(Phys(first).wrapping_add(bytes.len() as u64), &mut page).ok()?;
        bytes.extend_from_slice(&page);
    }
    bytes.drain(..skipped);
    bytes.truncate(usize::try_from(span.size).ok()?);
    Some(bytes)
}

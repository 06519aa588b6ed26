//! The rules of the boot contract, before anything is overwritten: the planner that the next kernel
//! carries decides here as it will there.

use landfall_image::record::Record;
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::facts::ImageFacts;
use landfall_plan::planner::ModeLimit;
use landfall_plan::policy::PolicyError;
use landfall_plan::{Facts, Plan, Policy, Refusal};
use landfall_tree::Tree;

use crate::blob::Blob;
use crate::error::KexecError;
use crate::image::{Image, ImageError};

/// Checks rules 6 to 15 and 19 for a landfall image at `at`, whose tree `tree` lies at `tree_at`.
///
/// The hart's best mode by the tree is taken. The landing probes it too.
pub(crate) fn landing(
    file: Blob<'_>,
    image: &Image,
    at: PhysAddr,
    tree_at: PhysAddr,
    tree: &[u8],
    hart: u64,
) -> Result<(), KexecError> {
    let flat = flat(file.bytes(), image);
    let record = Record::read(flat).map_err(|error| KexecError::Image(ImageError::Record(error)))?;
    let parts = record.parts(flat).map_err(|error| KexecError::Image(ImageError::Record(error)))?;
    let policy = record.policy.of(flat).and_then(<[u8]>::first_chunk);
    let policy = policy.map_or(Err(PolicyError::Version { found: 0 }), Policy::from_record);
    let policy = policy.map_err(|error| KexecError::Refused(Refusal::BadPolicy(error)))?;
    let mut facts = Facts::UNKNOWN;
    facts.image =
        ImageFacts { text: parts.text, constants: parts.constants, early: parts.early, data: parts.data };
    (facts.loaded, facts.boot_hart) = (at, hart);
    facts.tree = PhysRange::new(tree_at, tree.len() as u64);
    plan(&mut facts, tree, &policy).map_err(KexecError::Refused)
}

fn plan(facts: &mut Facts, tree: &[u8], policy: &Policy) -> Result<(), Refusal> {
    Tree::read(tree, facts)?;
    facts.reserve_crash_memory(policy);
    let mode = ModeLimit::new(facts, policy)?.best;
    Plan::new(facts, policy, mode, None).map(|_| ())
}

/// Returns the bytes that begin with the boot header.
fn flat<'a>(file: &'a [u8], image: &Image) -> &'a [u8] {
    let first = image.segments().iter().find(|segment| segment.at == 0);
    let offset = first.and_then(|segment| usize::try_from(segment.offset).ok());
    offset.and_then(|offset| file.get(offset..)).unwrap_or_default()
}

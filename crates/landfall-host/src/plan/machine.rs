//! A `virt` machine, whose firmware is booted up to the kernel's first instruction: QEMU's own tree
//! lacks what firmware adds.

use landfall_paging::PhysAddr;
use landfall_plan::Rule;

use super::PlanError;
use crate::image::blueprint;
use crate::kernel::Kernel;
use crate::prepared::Prepared;
use crate::request::BootRequest;
use crate::scratch::Scratch;
use crate::setup;
use crate::stopped::{ImageBase, StoppedMachine};
use landfall_predict::blueprint::Blueprint;
use landfall_predict::board::facts_of;
use landfall_predict::case::{Case, Refused};

/// Returns the boot that is about to be.
///
/// # Errors
/// [`PlanError`] where the machine does not come to the kernel.
pub(super) fn case(request: &BootRequest) -> Result<Result<Case, Refused>, PlanError> {
    let kernel = Kernel::find(&request.kernel)?;
    let qemu = setup::qemu(setup::FOR_RUN)?;
    let scratch = Scratch::create().map_err(|source| PlanError::Scratch { source })?;
    let prepared = Prepared::from(&kernel, &request.kernel.allow)?;
    let kernel_image = blueprint(prepared.boots())?;
    let machine = prepared.machine(request, &qemu, scratch.path())?;
    let at = ImageBase::At(prepared.base(request.at)?);
    let stopped = StoppedMachine::reach(&qemu, &machine, at, scratch.path(), request.timeout)?;
    Ok(at_stop(&stopped, &kernel_image).map(|case| case.of_machine(request.randomness)))
}

/// Returns the case that the kernel, at its first instruction, is about to decide.
///
/// # Errors
/// [`Refused`] if the kernel would refuse before it has facts.
pub fn at_stop(stopped: &StoppedMachine, kernel: &Blueprint) -> Result<Case, Refused> {
    let [base, tree_at] = [stopped.base, stopped.tree_at].map(|at| PhysAddr::new(at.0));
    let Some(tree) = &stopped.tree else {
        return Err(Refused {
            rule: Rule::NoTree,
            message: format!(
                "the memory at {tree_at} (register a1) holds no device tree (magic 0xd00dfeed); pass the physical address of a device tree in a1"
            ),
        });
    };
    let (facts, seeds) = facts_of(tree, tree_at, stopped.boot_hart)?;
    Ok(Case::at_entry(facts, seeds, kernel, base))
}

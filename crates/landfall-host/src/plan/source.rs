//! The source of the facts.

use std::path::PathBuf;

use super::{PlanError, machine};
use crate::image;
use crate::kernel::{Kernel, KernelFile, Selection};
use crate::request::BootRequest;
use crate::{build, setup};
use landfall_predict::blueprint::Blueprint;
use landfall_predict::board::{self, Loading};
use landfall_predict::case::{Case, Refused};
use landfall_predict::facts_file;

/// A plan, as a user requests it.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// The kernel; with a file of facts the default is the kernel of that boot.
    pub kernel: Selection,
    /// The source of the facts.
    pub source: Source,
}

/// The source of a plan.
#[derive(Clone, Debug)]
pub enum Source {
    /// A boot that was.
    Facts(PathBuf),
    /// A board's device tree.
    Tree {
        /// The file.
        path: PathBuf,
        /// The facts that the tree does not state.
        loading: Loading,
    },
    /// A `virt` machine.
    Machine(Box<BootRequest>),
}

/// Returns the case to predict, or the reason why the kernel would refuse before facts are known.
///
/// # Errors
/// [`PlanError`] where there is nothing to predict from.
pub fn case(request: &PlanRequest) -> Result<Result<Case, Refused>, PlanError> {
    match &request.source {
        Source::Facts(path) => {
            let file = facts_file::read(path)?;
            let named = Some(&request.kernel).filter(|kernel| !kernel.is_default());
            let kernel = named.map(blueprint).transpose()?;
            Ok(Ok(file.case(kernel)))
        }
        Source::Tree { path, loading } => {
            let tree = board::read_tree(path)?;
            let kernel = blueprint(&request.kernel)?;
            Ok(board::case(&tree, loading, &kernel)?)
        }
        Source::Machine(request) => machine::case(request),
    }
}

/// Returns what a kernel's file says; a package is built.
fn blueprint(selection: &Selection) -> Result<Blueprint, PlanError> {
    Ok(match Kernel::find(selection)? {
        Kernel::Package(package) => {
            setup::rust_target()?;
            let flat = build::package(&package, &selection.allow)?.flat;
            image::blueprint(&KernelFile::Flat(flat))?
        }
        Kernel::File(file) => image::blueprint(&file)?,
    })
}

//! Where the facts come from.

use std::path::PathBuf;

use super::board::{self, Loading};
use super::case::{Case, Refused, Taken};
use super::facts_file::{self, Probe};
use super::image::Blueprint;
use super::notes::Note;
use super::{Options, machine};
use crate::failure::Failure;
use crate::kernel::{Kernel, Selection};
use crate::{build, run, setup};

/// What a plan is made from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A boot that was.
    Facts(PathBuf),
    /// A board's device tree.
    Tree {
        /// The file.
        path: PathBuf,
        /// What it does not say.
        loading: Loading,
    },
    /// A `virt` machine.
    Machine(Box<run::Options>),
}

/// What is to be predicted, or why the kernel would refuse before there are facts.
///
/// # Errors
/// [`Failure`] where there is nothing to predict from.
pub fn case(options: &Options) -> Result<Result<Case, Refused>, Failure> {
    match &options.source {
        Source::Facts(path) => {
            let file = facts_file::read(path)?;
            let named = Some(&options.kernel).filter(|kernel| !kernel.is_default());
            let kernel = named.map(blueprint).transpose()?;
            Ok(Ok(from_file(file, kernel)))
        }
        Source::Tree { path, loading } => {
            let tree = board::read_tree(path)?;
            let kernel = blueprint(&options.kernel)?;
            Ok(board::case(&tree, loading, &kernel)?)
        }
        Source::Machine(options) => machine::case(options),
    }
}

/// Returns what a kernel's file says; a package is built.
fn blueprint(selection: &Selection) -> Result<Blueprint, Failure> {
    Ok(match Kernel::find(selection)? {
        Kernel::Package(package) => {
            setup::rust_target()?;
            let flat = build::package(&package, &selection.allow)?.flat;
            Blueprint::of(&crate::kernel::KernelFile::Flat(flat))?
        }
        Kernel::File(file) => Blueprint::of(&file)?,
    })
}

/// The boot that a file tells of; with another kernel at the same place, if there is one.
#[must_use]
pub fn from_file(file: facts_file::FactsFile, kernel: Option<Blueprint>) -> Case {
    let mut facts = file.facts;
    let (policy, slots, seal) = match kernel {
        None => (Ok(file.policy), file.slots, Ok(())),
        Some(kernel) => {
            facts.image = kernel.at(facts.image.base);
            (kernel.policy, kernel.slots, kernel.seal)
        }
    };
    let (modes, notes) = match file.probe {
        Probe::NotRun => (Taken::AsPromised, vec![Note::ModeAssumed]),
        Probe::TookNothing => (Taken::Nothing, Vec::new()),
        Probe::Took(mode) => (Taken::Probed(mode), Vec::new()),
    };
    Case { facts, policy, seal, slots, modes, seeds: file.seeds, notes }
}

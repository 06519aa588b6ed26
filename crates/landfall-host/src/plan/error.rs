//! A plan that has no case.

use std::io;

use landfall_predict::board::BoardError;
use landfall_predict::facts_file::FactsError;
use thiserror::Error;

use crate::build::BuildError;
use crate::image::ImageError;
use crate::kernel::KernelError;
use crate::prepared::PrepareError;
use crate::setup::SetupError;
use crate::stopped::StopError;

/// A plan that has no case to predict.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// No kernel is selected.
    #[error(transparent)]
    Selection(#[from] KernelError),
    /// A tool is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The kernel does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The kernel or its machine cannot be made ready.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The kernel's file holds no landfall kernel.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The device tree yields no facts.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The file holds no facts.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// The machine does not reach the kernel.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// No folder for the files of the boot.
    #[error("cannot create a temporary directory: {source}")]
    Scratch {
        /// The system's reason.
        source: io::Error,
    },
}

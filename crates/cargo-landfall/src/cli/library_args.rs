//! The arguments of `library`.

use std::path::PathBuf;

use clap::Args;

use super::install_args::InstallArgs;
use crate::failure::Failure;
use landfall_host::library;

pub(super) const EXAMPLES: &str = "\
Examples:
  cargo landfall library --out ../my-kernel/landfall
  cargo landfall library --out landfall --landfall ../landfall

A Makefile sets KERNEL and SOURCES, and includes kernel.mk of this folder.";

#[derive(Debug, Args)]
pub(super) struct LibraryArgs {
    /// The folder of the library; it is created if it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The checkout of landfall that has the sources [default: `LANDFALL_PATH`, else the one that
    /// contains the current directory]
    #[arg(long, value_name = "PATH")]
    landfall: Option<PathBuf>,

    #[command(flatten)]
    pub(super) install: InstallArgs,
}

impl LibraryArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        Ok(library::run(&self.out, self.landfall.as_deref())?)
    }
}

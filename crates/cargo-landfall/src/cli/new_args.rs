//! The arguments of `new`.

use std::path::PathBuf;

use clap::Args;

use super::install_args::InstallArgs;
use crate::failure::Failure;
use landfall_host::new::{self, Language, NewRequest};

pub(super) const EXAMPLES: &str = "\
Examples:
  cargo landfall new ../my-kernel && cd ../my-kernel && cargo run
  cargo landfall new --language c ../my-kernel && cd ../my-kernel && make run
  cargo landfall new my-kernel --landfall ../landfall

landfall is not on crates.io. The new Cargo.toml names a checkout of it by path: relative to the kernel, and without links.
A kernel in C names no checkout: it has a copy of the library.";

#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// A folder that does not exist; its name becomes the kernel's
    #[arg(value_name = "NAME")]
    path: PathBuf,

    /// The language of the kernel
    #[arg(long, value_enum, default_value_t)]
    language: Language,

    /// The checkout of landfall that the kernel uses [default: `LANDFALL_PATH`, else the one that
    /// contains the current directory]
    #[arg(long, value_name = "PATH")]
    landfall: Option<PathBuf>,

    #[command(flatten)]
    pub(super) install: InstallArgs,
}

impl NewArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self { path, language, landfall, install: _ } = self;
        Ok(new::run(&NewRequest { path, language, landfall })?)
    }
}

//! The arguments of `link-args`.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Failure;
use landfall_host::link_args::{self, Layout, LinkArgsRequest, LinkFormat, NamedLinker};
use landfall_host::output;

pub(super) const HELP: &str = "\
Examples:
  cargo landfall link-args --format make --linker riscv64-linux-gnu-ld --out build > build/landfall.mk
  cargo landfall link-args --format cc --linker lld --sections percpu.ld

GNU ld 2.40 or newer, and LLD 15 or newer. The ELF is finished by `cargo landfall seal`.";

#[derive(Debug, Args)]
pub(super) struct LinkArgs {
    /// The form of the arguments
    #[arg(long, value_enum)]
    format: LinkFormat,

    /// The linker: `gnu`, `lld`, or a program, whose version is checked
    #[arg(long, value_name = "gnu|lld|PROGRAM", default_value = "lld")]
    linker: NamedLinker,

    /// The folder for Landfall's linker scripts; it is created if it is missing
    #[arg(long, value_name = "DIR", default_value = "landfall-link")]
    out: PathBuf,

    /// A linker script that adds sections to the layout; repeatable
    #[arg(long, value_name = "FILE")]
    sections: Vec<PathBuf>,

    /// The kernel's own linker script, which includes landfall-tables.ld
    #[arg(long, value_name = "FILE", conflicts_with = "rebase_only")]
    layout: Option<PathBuf>,

    /// The linker script of a kernel that uses the rebase alone
    #[arg(long, value_name = "FILE", conflicts_with = "sections")]
    rebase_only: Option<PathBuf>,
}

impl LinkArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self { format, linker, out: folder, sections, layout, rebase_only } = self;
        let layout = layout.map(Layout::Own).or(rebase_only.map(Layout::RebaseOnly)).unwrap_or_default();
        let request = LinkArgsRequest { format, linker, layout, sections, folder };
        output::result(link_args::link_args(&request)?);
        Ok(())
    }
}

//! The arguments of `symbolize`.

use clap::Args;

use super::kernel_args::ProfiledArgs;
use crate::failure::Failure;
use landfall_host::symbolize::{self, PlacedModule, SymbolizeRequest};
use landfall_predict::units::Address;

pub(super) const EXAMPLES: &str = "\
Examples:
  cargo landfall symbolize < boot.log
  cargo landfall symbolize target/riscv64gc-unknown-none-elf/release/hello.elf --runs-at 0xffb32650e5c00000 < boot.log";

#[derive(Debug, Args)]
pub(super) struct SymbolizeArgs {
    #[command(flatten)]
    pub(super) kernel: ProfiledArgs,

    /// The kernel's virtual address, for a log that has no report
    #[arg(long, value_name = "ADDR")]
    runs_at: Option<Address>,

    /// A module that the kernel may have loaded; repeatable. The addresses of its parts follow if
    /// the log does not state them. Modules beside the kernel's ELF are found without this option
    #[arg(long = "module", value_name = "FILE.ko[@TEXT:CONSTANTS:DATA]")]
    modules: Vec<PlacedModule>,
}

impl SymbolizeArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self { kernel, runs_at, modules } = self;
        Ok(symbolize::run(&SymbolizeRequest { kernel: kernel.into(), runs_at, modules })?)
    }
}

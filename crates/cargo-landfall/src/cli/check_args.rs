//! What a user may ask of `check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use landfall_inspect::{Code, Options, Profile};

use crate::check::settings::Allow;
use crate::check::story::Story;
use crate::check::{self, Format};
use crate::failure::Failure;
use crate::output;

pub(super) const HELP: &str = "\
Examples:
  cargo landfall check target/riscv64gc-unknown-none-elf/release/hello.elf
  landfall check vmlinux --profile linux --format json
  landfall check kernel.elf --early-from _start --early-until relocate
  landfall check --explain reloc-kind

Exit status:
  0  no findings but accepted ones
  1  findings
  2  the file is not readable as what it claims to be, the result cannot be written, or wrong usage";

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// An ELF or a flat image
    #[arg(required_unless_present = "explain")]
    file: Option<PathBuf>,

    /// How the result is told
    #[arg(long, value_enum, default_value = "text")]
    format: Format,

    /// Accept findings of this code, for this reason; may be given several times. The project's landfall.toml keeps such choices
    #[arg(long, value_name = "CODE=REASON")]
    allow: Vec<Allow>,

    /// Tell the whole story of a code, and check nothing
    #[arg(long, value_name = "CODE", conflicts_with = "file")]
    explain: Option<Code>,

    /// Early code begins with this function [default: the entry]
    #[arg(long, value_name = "SYMBOL")]
    early_from: Option<String>,

    /// Early code ends where this function is called
    #[arg(long, value_name = "SYMBOL")]
    early_until: Option<String>,

    /// Which kernel this is: where its early code lies, and which findings are known and accepted
    #[arg(long, value_enum)]
    profile: Option<Kernel>,
}

/// A kernel that is known.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kernel {
    /// Linux for RISC-V
    Linux,
}

impl CheckArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        if let Some(code) = self.explain {
            output::result(Story(code));
            return Ok(());
        }
        let Some(file) = self.file else {
            return Err(Failure::Usage { message: "name the file to check".to_owned() });
        };
        let profile = match self.profile {
            Some(Kernel::Linux) => Profile::Linux,
            None => Profile::None,
        };
        check::run(&check::Options {
            file,
            format: self.format,
            allow: self.allow.into_iter().map(|Allow(accepted)| accepted).collect(),
            known: Options { profile, early_from: self.early_from, early_until: self.early_until },
        })
    }
}

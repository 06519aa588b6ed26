//! The arguments of `check`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use landfall_inspect::{Code, Hints, Profile};

use super::kernel_args::KernelArgs;
use crate::check::{self, CheckFormat};
use crate::failure::Failure;
use landfall_host::check::story::Story;
use landfall_host::kernel::{Kernel, Selection};
use landfall_host::{build, interface, output, setup};

pub(super) const HELP: &str = "\
Examples:
  cargo landfall check
  cargo landfall check target/riscv64gc-unknown-none-elf/release/hello.elf
  cargo landfall check my-module.ko --kernel my-kernel
  landfall check vmlinux --profile linux --format json
  landfall check kernel.elf --early-from _start --early-until relocate
  landfall check --explain reloc-kind

Exit status:
  0  no findings but accepted ones
  1  findings
  2  the file is not readable as what it claims to be, the result cannot be written, or wrong usage";

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) kernel: KernelArgs,

    /// The format of the result
    #[arg(long, value_enum, default_value = "text")]
    format: CheckFormat,

    /// Explain a code, and check nothing
    #[arg(long, value_name = "CODE", conflicts_with = "kernel")]
    explain: Option<Code>,

    /// Early code begins with this function [default: the entry]
    #[arg(long, value_name = "SYMBOL")]
    early_from: Option<String>,

    /// Early code ends at the call of this function
    #[arg(long, value_name = "SYMBOL")]
    early_until: Option<String>,

    /// The kernel that loads the module: a package, or the path of its ELF
    #[arg(long = "kernel", value_name = "PACKAGE|ELF")]
    for_kernel: Option<String>,

    /// A module that is loaded before this one, whose exports it may use; repeatable
    #[arg(long, value_name = "FILE.ko")]
    loaded: Vec<PathBuf>,

    /// A known kernel: its early code, and its accepted findings
    #[arg(long, value_enum)]
    profile: Option<Known>,
}

/// A known kernel.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Known {
    /// Linux for RISC-V
    Linux,
}

impl CheckArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        if let Some(code) = self.explain {
            output::result(Story(code));
            return Ok(());
        }
        let selection = Selection::from(self.kernel);
        let profile = match self.profile {
            Some(Known::Linux) => Profile::Linux,
            None => Profile::None,
        };
        let file = file(&selection)?;
        let manifest = selection.manifest_path.as_deref();
        let kernel = self.for_kernel.map(|kernel| interface::of_kernel(&kernel, manifest)).transpose()?;
        let loaded = self.loaded.iter().map(|path| interface::of_module(path)).collect::<Result<_, _>>()?;
        check::run(&check::CheckCommand {
            file,
            format: self.format,
            allow: selection.allow,
            hints: Hints {
                profile,
                early_from: self.early_from,
                early_until: self.early_until,
                kernel,
                loaded,
            },
        })
    }
}

/// Returns the file that a user names, or builds a package and returns its ELF.
fn file(selection: &Selection) -> Result<PathBuf, Failure> {
    if let Some(name) = &selection.name {
        let path = Path::new(name);
        if name.contains('/') || (path.exists() && !path.is_dir()) {
            return Ok(path.to_owned());
        }
    }
    match Kernel::find(selection)? {
        Kernel::File(file) => Ok(file.path().to_owned()),
        Kernel::Package(package) => {
            setup::rust_target()?;
            Ok(build::linked(&package)?)
        }
    }
}

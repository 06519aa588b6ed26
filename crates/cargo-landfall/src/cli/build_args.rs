//! The arguments of `build`.

use std::path::PathBuf;

use clap::Args;

use super::kernel_args::ProfiledArgs;
use crate::failure::Failure;
use landfall_host::kernel::{Kernel, KernelError, KernelFile, Selection};
use landfall_host::module_build::{self, ModuleRequest};
use landfall_host::{build, output, setup};

pub(super) const EXAMPLES: &str = "\
Examples:
  cargo landfall build
  cargo landfall build my-kernel --format elf
  cargo landfall build --module my-module --kernel my-kernel";

#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    #[command(flatten)]
    pub(super) kernel: ProfiledArgs,

    /// Build a module for the kernel that --kernel names: a package whose library is a `staticlib`
    /// [default: the package of the current directory]
    #[arg(long, value_name = "PACKAGE", num_args = 0..=1, default_missing_value = "", requires = "for_kernel", conflicts_with_all = ["kernel", "bin", "example", "format"])]
    module: Option<String>,

    /// The kernel that loads the module: a package, or the path of its ELF
    #[arg(long = "kernel", value_name = "PACKAGE|ELF", requires = "module")]
    for_kernel: Option<String>,

    /// A module that is loaded before this one, whose exports it may use; repeatable
    #[arg(long, value_name = "FILE.ko", requires = "module")]
    loaded: Vec<PathBuf>,

    /// Print the path of the ELF only
    #[arg(long, value_enum)]
    format: Option<BuildFormat>,

    /// Options of an earlier version.
    #[arg(long, hide = true, allow_hyphen_values = true)]
    append: Option<String>,
    #[arg(long, hide = true)]
    initrd: Option<PathBuf>,
}

/// A file that `build` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum BuildFormat {
    /// The ELF, with symbols
    Elf,
    /// The flat image has a command of its own
    #[value(hide = true)]
    Image,
    /// The disk has a command of its own
    #[value(hide = true)]
    Disk,
}

impl BuildArgs {
    /// Returns the command that has replaced an option.
    fn replaced(&self) -> Option<&'static str> {
        match self.format {
            Some(BuildFormat::Image) => Some("image"),
            Some(BuildFormat::Disk) => Some("disk"),
            _ => (self.append.is_some() || self.initrd.is_some()).then_some("disk"),
        }
    }

    pub(super) fn run(self) -> Result<(), Failure> {
        if let Some(verb) = self.replaced() {
            return Err(Failure::usage(format!(
                "`build` writes the ELF and the flat image alone; run `cargo landfall {verb}`"
            )));
        }
        if let (Some(module), Some(kernel)) = (self.module, self.for_kernel) {
            let module = Selection {
                name: Some(module).filter(|name| !name.is_empty()),
                ..Selection::from(self.kernel)
            };
            let request = ModuleRequest { module, kernel, loaded: self.loaded };
            output::result(module_build::module(&request)?.display());
            return Ok(());
        }
        let selection = Selection::from(self.kernel);
        match Kernel::find(&selection)? {
            Kernel::Package(package) => {
                setup::rust_target()?;
                let built = build::package(&package, &selection.allow)?;
                output::result(built.elf.display());
                if self.format.is_none() {
                    output::result(built.flat.display());
                }
                Ok(())
            }
            Kernel::File(KernelFile::Elf(path) | KernelFile::Flat(path)) => {
                Err(KernelError::Built { path }.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Cli, Subcommands};
    use super::*;

    #[test]
    fn options_of_earlier_versions_name_the_command_that_replaces_them() {
        let build = |line: &str| match Cli::try_parse_from(line.split_whitespace()).map(|cli| cli.command) {
            Ok(Subcommands::Build(arguments)) => arguments,
            _ => panic!("\"{line}\" is another command now"),
        };
        for (line, verb) in [
            ("--format disk --append -a --initrd i", "`cargo landfall disk`"),
            ("--append a", "`cargo landfall disk`"),
            ("--format image", "`cargo landfall image`"),
        ] {
            match build(&format!("landfall build k {line}")).run() {
                Err(Failure::Usage { message }) => assert!(message.contains(verb), "{line}: {message}"),
                other => panic!("{line}: {other:?}"),
            }
        }
        for line in ["--module", "--kernel k", "--module m --kernel k --format elf", "m --module --kernel k"]
        {
            assert!(
                Cli::try_parse_from(format!("landfall build {line}").split_whitespace()).is_err(),
                "{line}"
            );
        }
        let module = build("landfall build --module m --kernel k --loaded a.ko --loaded b.ko");
        assert_eq!((module.module, module.loaded.len()), (Some("m".to_owned()), 2));
        assert_eq!(build("landfall build --module --kernel k -p m").module.as_deref(), Some(""));
        assert!(Cli::try_parse_from("landfall build --format iso".split_whitespace()).is_err());
    }
}

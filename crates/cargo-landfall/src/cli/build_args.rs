//! The arguments of `build`.

use std::path::PathBuf;

use clap::Args;

use super::kernel_args::ProfiledArgs;
use crate::failure::Failure;
use landfall_host::initrd;
use landfall_host::kernel::{Kernel, KernelError, KernelFile, Selection};
use landfall_host::module_build::{self, ModuleRequest};
use landfall_host::{build, output, setup};

pub(super) const EXAMPLES: &str = "\
Examples:
  cargo landfall build
  cargo landfall build my-kernel --format disk --append 'a=b' --initrd some.file
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

    /// Print the path of this file only
    #[arg(long, value_enum)]
    format: Option<build::BuildFormat>,

    /// The command line that U-Boot's menu on a disk passes to the kernel
    #[arg(long, value_name = "CMDLINE", allow_hyphen_values = true)]
    append: Option<String>,

    /// An initial RAM disk that U-Boot's menu on a disk passes to the kernel
    #[arg(long, value_name = "FILE")]
    initrd: Option<PathBuf>,
}

impl BuildArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.format != Some(build::BuildFormat::Disk) && (self.append.is_some() || self.initrd.is_some()) {
            let message = "--append and --initrd apply to disks only; add --format disk".to_owned();
            return Err(Failure::Usage { message });
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
        self.initrd.as_deref().map_or(Ok(()), initrd::check)?;
        let selection = Selection::from(self.kernel);
        match Kernel::find(&selection)? {
            Kernel::Package(package) => {
                setup::rust_target()?;
                let built = build::package(&package, &selection.allow)?;
                match self.format {
                    None => {
                        output::result(built.elf.display());
                        output::result(built.flat.display());
                    }
                    Some(build::BuildFormat::Elf) => output::result(built.elf.display()),
                    Some(build::BuildFormat::Image) => output::result(built.flat.display()),
                    Some(build::BuildFormat::Disk) => {
                        if self.append.is_some() || self.initrd.is_some() {
                            output::note(
                                "note: U-Boot's menu contains the command line and the initrd; UEFI starts the image from this disk without them",
                            );
                        }
                        let line = self.append.as_deref().unwrap_or_default();
                        output::result(built.disk(line, self.initrd.as_deref())?.display());
                    }
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
    use std::path::Path;

    use clap::Parser;

    use super::super::{Cli, Subcommands};
    use super::*;

    #[test]
    fn only_a_disk_takes_what_a_loader_hands_over() {
        let build = |line: &str| match Cli::try_parse_from(line.split_whitespace()).map(|cli| cli.command) {
            Ok(Subcommands::Build(arguments)) => arguments,
            _ => panic!("\"{line}\" is another command now"),
        };
        let disk = build("landfall build k --format disk --append -a --initrd i");
        assert_eq!(disk.format, Some(build::BuildFormat::Disk));
        assert_eq!((disk.append.as_deref(), disk.initrd.as_deref()), (Some("-a"), Some(Path::new("i"))));
        for line in ["--append a", "--initrd i", "--format image --append a", "--format elf --initrd i"] {
            let mistake = build(&format!("landfall build k {line}")).run();
            assert!(matches!(mistake, Err(Failure::Usage { .. })), "{line}");
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

//! The arguments of `wrap`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use landfall_image::inner::{InnerPlace, Options, Replacement};

use super::install_args::InstallArgs;
use crate::failure::Failure;
use landfall_host::build::Built;
use landfall_host::user_file;
use landfall_host::wrap::{self, WrapRequest};
use landfall_predict::policy::PolicyArgument;

pub(super) const HELP: &str = "\
Examples:
  cargo landfall wrap kernel.elf
  cargo landfall wrap kernel.elf -o boot/kernel.bin --policy alias=absent
  cargo landfall wrap limine-kernel.elf --module init.tar
  cargo landfall run kernel.wrapped.elf --firmware uefi --mode sv39

A kernel with the base revision tag of the Limine protocol gets that protocol's responses. \
Every other kernel gets the boot information of landfall/wrapped.h.";

#[derive(Debug, Args)]
pub(super) struct WrapArgs {
    /// The ELF of the kernel
    #[arg(value_name = "KERNEL")]
    kernel: PathBuf,

    /// Write the flat image into this file, and the ELF beside it with the extension `elf`
    /// [default: beside KERNEL, with the extension `wrapped.bin`]
    #[arg(short, long, value_name = "IMAGE")]
    out: Option<PathBuf>,

    /// The kernel's place in physical memory
    #[arg(long, value_name = "PLACE", default_value = "random")]
    physical: Physical,

    /// Let an initrd that is an ELF replace the kernel at boot
    #[arg(long)]
    replaceable: bool,

    /// The kernel's command line if the boot loader passes none
    #[arg(
        long,
        value_name = "CMDLINE",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    command_line: String,

    /// A file that the kernel gets as a module of Limine's protocol; repeatable
    #[arg(long = "module", value_name = "FILE")]
    modules: Vec<PathBuf>,

    /// Change the policy of the landing; repeatable; `--policy help` lists the keys
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) policy: Vec<PolicyArgument>,

    /// The checkout of landfall that has the wrapper's sources [default: `LANDFALL_PATH`, else the
    /// one that contains the current directory]
    #[arg(long, value_name = "PATH")]
    landfall: Option<PathBuf>,

    #[command(flatten)]
    pub(super) install: InstallArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Physical {
    /// Anywhere in free memory
    Random,
    /// The lowest free memory that holds it
    Lowest,
}

impl WrapArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let flat = self.out.clone().unwrap_or_else(|| self.kernel.with_extension("wrapped.bin"));
        let built = Built { elf: flat.with_extension("elf"), flat };
        self.keep_inputs(&built)?;
        if built.elf == built.flat && built.flat.file_name().is_some() {
            let message =
                format!("{} is the name of the ELF; name the image otherwise", built.flat.display());
            return Err(Failure::Usage { message });
        }
        let place = match self.physical {
            Physical::Random => InnerPlace::Random,
            Physical::Lowest => InnerPlace::Lowest,
        };
        let replacement = if self.replaceable { Replacement::ByInitrd } else { Replacement::Refused };
        Ok(wrap::run(&WrapRequest {
            kernel: self.kernel,
            built,
            landfall: self.landfall,
            options: Options::default().with_physical(place).with_replacement(replacement),
            command_line: self.command_line,
            modules: self.modules,
            policy: PolicyArgument::changes(&self.policy),
        })?)
    }

    /// Checks that no result replaces the kernel or a module, whatever path leads to it.
    fn keep_inputs(&self, built: &Built) -> Result<(), Failure> {
        let modules = self.modules.iter().map(|path| ("a module", path));
        for (input, path) in [("the kernel", &self.kernel)].into_iter().chain(modules) {
            for (file, result) in [("ELF", &built.elf), ("image", &built.flat)] {
                if user_file::is_same(path, result) {
                    return Err(Failure::usage(format!(
                        "{} is {input}, and would be replaced by the {file} of the result; name the result otherwise with --out",
                        result.display()
                    )));
                }
            }
        }
        Ok(())
    }
}

//! The arguments of `seal`, `image` and `disk`, which take kernels of any build system.

use std::path::PathBuf;

use clap::Args;

use super::kernel_args::ProfiledArgs;
use super::results;
use crate::failure::Failure;
use landfall_host::build::{self, Built, Sealed};
use landfall_host::check::settings::Allow;
use landfall_host::flat_image::FlatImage;
use landfall_host::{initrd, output};

pub(super) const SEAL_HELP: &str = "\
Examples:
  cargo landfall seal build/kernel.elf
  cargo landfall seal build/kernel --out build/kernel.elf

The ELF may come from GNU ld 2.40 or newer, or from LLD 15 or newer, linked with the arguments of `link-args`.";

pub(super) const IMAGE_HELP: &str = "\
Examples:
  cargo landfall image
  cargo landfall image build/kernel.elf --out /srv/tftp/kernel.bin";

pub(super) const DISK_HELP: &str = "\
Examples:
  cargo landfall disk
  cargo landfall disk build/kernel.elf --append 'a=b' --initrd some.file";

#[derive(Debug, Args)]
pub(super) struct SealArgs {
    /// The ELF, as a linker wrote it
    #[arg(value_name = "ELF")]
    linked: PathBuf,

    /// Write the sealed ELF into this file [default: in place]
    #[arg(short, long, value_name = "ELF")]
    out: Option<PathBuf>,

    /// Accept findings of this code of `check`, for this reason; repeatable
    #[arg(long, value_name = "CODE[=REASON]")]
    allow: Vec<Allow>,
}

impl SealArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let allow: Vec<_> = self.allow.into_iter().map(|Allow(accepted)| accepted).collect();
        let elf = self.out.unwrap_or_else(|| self.linked.clone());
        let built = Built { flat: results::beside(&elf, "bin")?, elf };
        results::keep([self.linked.as_path()], &built.flat)?;
        built.check()?;
        built.write(&Sealed::of(&self.linked, &allow)?)?;
        output::result(built.elf.display());
        output::result(built.flat.display());
        Ok(())
    }
}

#[derive(Debug, Args)]
pub(super) struct ImageArgs {
    #[command(flatten)]
    pub(super) kernel: ProfiledArgs,

    /// Write the flat image into this file [default: beside the ELF, with the extension `bin`]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl ImageArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.out.as_deref().map_or(Ok(()), results::check)?;
        let FlatImage { bytes, origin } = FlatImage::of(&self.kernel.into())?;
        let path = self.out.map_or_else(|| results::beside(&origin, "bin"), Ok)?;
        results::keep([origin.as_path()], &path)?;
        build::write(&path, &bytes)?;
        results::print(&path);
        Ok(())
    }
}

#[derive(Debug, Args)]
pub(super) struct DiskArgs {
    #[command(flatten)]
    pub(super) kernel: ProfiledArgs,

    /// Write the disk into this file [default: beside the kernel, with the extension `img`]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// The command line that U-Boot's menu passes to the kernel
    #[arg(long, value_name = "CMDLINE", allow_hyphen_values = true)]
    append: Option<String>,

    /// An initial RAM disk that U-Boot's menu passes to the kernel
    #[arg(long, value_name = "FILE")]
    initrd: Option<PathBuf>,
}

impl DiskArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.initrd.as_deref().map_or(Ok(()), initrd::check)?;
        self.out.as_deref().map_or(Ok(()), results::check)?;
        let FlatImage { bytes, origin } = FlatImage::of(&self.kernel.into())?;
        let path = self.out.map_or_else(|| results::beside(&origin, "img"), Ok)?;
        results::keep([origin.as_path()].into_iter().chain(self.initrd.as_deref()), &path)?;
        if self.append.is_some() || self.initrd.is_some() {
            output::note(
                "note: U-Boot's menu contains the command line and the initrd; UEFI starts the image from this disk without them",
            );
        }
        let line = self.append.as_deref().unwrap_or_default();
        build::write_disk(&path, &bytes, line, self.initrd.as_deref())?;
        results::print(&path);
        Ok(())
    }
}

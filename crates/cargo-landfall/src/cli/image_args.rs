//! The arguments of `seal`, `image` and `disk`, which take kernels of any build system.

use std::path::{Path, PathBuf};

use clap::Args;

use super::kernel_args::ProfiledArgs;
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
        let built = Built { flat: beside(&elf, "bin")?, elf };
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
        let FlatImage { bytes, origin } = FlatImage::of(&self.kernel.into())?;
        let path = self.out.map_or_else(|| beside(&origin, "bin"), Ok)?;
        build::write(&path, &bytes)?;
        output::result(path.display());
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
        let FlatImage { bytes, origin } = FlatImage::of(&self.kernel.into())?;
        let path = self.out.map_or_else(|| beside(&origin, "img"), Ok)?;
        if self.append.is_some() || self.initrd.is_some() {
            output::note(
                "note: U-Boot's menu contains the command line and the initrd; UEFI starts the image from this disk without them",
            );
        }
        let line = self.append.as_deref().unwrap_or_default();
        build::write_disk(&path, &bytes, line, self.initrd.as_deref())?;
        output::result(path.display());
        Ok(())
    }
}

/// Returns the path of a file beside `origin`, which must be another one.
fn beside(origin: &Path, extension: &str) -> Result<PathBuf, Failure> {
    let path = origin.with_extension(extension);
    if path == origin {
        return Err(Failure::usage(format!(
            "{} would be replaced, because its name ends with .{extension}; name the result with --out",
            origin.display()
        )));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_never_replaces_its_origin() {
        assert_eq!(beside(Path::new("a/k.elf"), "bin").expect("a path"), Path::new("a/k.bin"));
        assert_eq!(beside(Path::new("k"), "img").expect("a path"), Path::new("k.img"));
        assert!(matches!(beside(Path::new("k.bin"), "bin"), Err(Failure::Usage { .. })));
    }
}

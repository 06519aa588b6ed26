//! `cargo landfall run --then`: the kernel that the first one starts. It lies in the initrd of the
//! first kernel, which is an archive.

use std::fs;
use std::path::Path;

use super::RunError;
use crate::image::{blueprint, flat_image};
use crate::initrd::archive::Archive;
use crate::initrd::{self, InitrdError};
use crate::prepared::Prepared;
use crate::request::{BootRequest, NextKernel};
use crate::user_file::{self, Limit};
use landfall_image::feature::Feature;

/// The files of the archive.
const IMAGE: &str = "landfall/next";
const INITRD: &str = "landfall/next-initrd";
const COMMAND_LINE: &str = "landfall/next-command-line";

/// The word of the first kernel's command line that makes it start the next one.
const WORD: &str = "landfall.then";

/// The next kernel, ready for the archive.
#[derive(Debug)]
pub(crate) struct Next {
    image: Vec<u8>,
    /// The bytes of the ELF with its names, or none.
    pub(crate) elf: Vec<u8>,
    request: NextKernel,
}

/// Returns the archive that becomes the initrd of the first kernel, without the next kernel.
///
/// # Errors
/// Returns [`RunError`] if an initrd cannot be read, is no archive, or has one of the files.
pub(crate) fn check(request: &BootRequest) -> Result<Archive, RunError> {
    let Some(next) = &request.then else { return Ok(Archive::default()) };
    if let Some(path) = &next.initrd {
        initrd::check(path)?;
    }
    if request.qemu.iter().any(|argument| argument == "-initrd" || argument == "--initrd") {
        let message = "--then conflicts with QEMU's -initrd, which replaces the initrd that has the next kernel; use --initrd FILE";
        return Err(RunError::Usage { message: message.to_owned() });
    }
    let Some(path) = &request.initrd else { return Ok(Archive::default()) };
    initrd::check(path)?;
    let archive = Archive::parse(&read(path)?)
        .map_err(|source| InitrdError::NoArchive { path: path.clone(), source })?;
    match [IMAGE, INITRD, COMMAND_LINE].into_iter().find(|name| archive.contains(name)) {
        Some(name) => Err(InitrdError::Taken { path: path.clone(), name }.into()),
        None => Ok(archive),
    }
}

impl Next {
    /// Builds or reads the next kernel, if there is one.
    pub(crate) fn prepare(request: &BootRequest) -> Result<Option<Self>, RunError> {
        let Some(next) = &request.then else { return Ok(None) };
        let prepared = Prepared::of::<RunError>(&next.kernel)?;
        let kernel = blueprint(prepared.boots());
        let has_report = kernel.as_ref().is_ok_and(|kernel| !kernel.missing.contains(Feature::Report));
        if request.until.is_none() && !has_report {
            let message = format!(
                "{} prints no landing report, so its run has no verdict; add --until TEXT",
                prepared.boots().path().display()
            );
            return Err(RunError::Usage { message });
        }
        // Another kernel's ELF goes as it is: its segments have addresses of their own.
        let image =
            if kernel.is_ok() { flat_image(prepared.boots())? } else { read(prepared.boots().path())? };
        Ok(Some(Self { image, elf: super::elf_of(&prepared), request: next.clone() }))
    }

    /// Returns the request of a boot whose first kernel gets the next one. The initrd goes to
    /// `scratch`.
    pub(crate) fn for_first(&self, request: &BootRequest, scratch: &Path) -> Result<BootRequest, RunError> {
        let mut archive = check(request)?.with(IMAGE, &self.image);
        if let Some(path) = &self.request.initrd {
            archive = archive.with(INITRD, &read(path)?);
        }
        if let Some(line) = &self.request.append {
            archive = archive.with(COMMAND_LINE, line.as_bytes());
        }
        let path = scratch.join("then.cpio");
        fs::write(&path, archive.into_bytes()).map_err(|source| RunError::Scratch { source })?;
        let words: Vec<_> = request.append.as_deref().into_iter().chain([WORD]).collect();
        Ok(BootRequest { initrd: Some(path), append: Some(words.join(" ")), ..request.clone() })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, InitrdError> {
    user_file::read(path, Limit::INITRD).map_err(|source| InitrdError::Read { path: path.to_owned(), source })
}

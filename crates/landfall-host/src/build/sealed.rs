//! A linked kernel, packed, checked and sealed. Any linker and any build system may have made it.
//!
//! ```text
//! ELF --pack--> ELF --check--> no findings --flat--> image --seal--> both, with the same seal
//! ```

use std::path::Path;

use landfall_image::seal;
use landfall_inspect::flat::{self, Kind};
use landfall_inspect::pack::pack;
use landfall_inspect::{Accepted, Hints};

use super::BuildError;
use crate::check::{self, Remarks};
use crate::elf;
use crate::user_file::{self, Limit};

/// The bytes of a sealed kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The ELF, with symbols.
    pub elf: Vec<u8>,
    /// The flat image.
    pub flat: Vec<u8>,
}

impl Sealed {
    /// Packs, checks and seals the kernel in the ELF `linked`. Findings in `allow` are accepted.
    ///
    /// # Errors
    /// [`BuildError`] names the fault of the kernel.
    pub fn of(linked: &Path, allow: &[Accepted]) -> Result<Self, BuildError> {
        Ok(Self::with_remarks(linked, allow)?.0)
    }

    /// Does the same, and says whether the check printed anything.
    pub(super) fn with_remarks(linked: &Path, allow: &[Accepted]) -> Result<(Self, Remarks), BuildError> {
        let path = || linked.to_owned();
        let bytes = user_file::read(linked, Limit::KERNEL)
            .map_err(|source| BuildError::File { path: path(), source })?;
        let bytes = match pack(&bytes) {
            Ok(packed) => packed.unwrap_or(bytes),
            Err(source) => {
                // The findings name all relocations that cannot be packed.
                check::before_boot(linked, &bytes, allow)?;
                return Err(BuildError::Pack { path: path(), source });
            }
        };
        let remarks = check::remarks(linked, &bytes, &Hints::default(), allow)?;
        Ok((seal(linked, bytes)?, remarks))
    }
}

/// Seals the kernel in `elf`, the content of `linked`.
pub(super) fn seal(linked: &Path, mut elf: Vec<u8>) -> Result<Sealed, BuildError> {
    let path = || linked.to_owned();
    let file = elf::parse(linked, &elf)?;
    let mut flat = flat::flatten(&file).map_err(|source| BuildError::Flat { path: path(), source })?;
    match flat.kind() {
        Kind::Landing => {
            flat.fit_to_record().map_err(|source| BuildError::Flat { path: path(), source })?;
            seal::seal(&mut flat.bytes).map_err(|source| BuildError::Seal { path: path(), source })?;
            let place =
                flat.seal_in_elf(&file).map_err(|source| BuildError::Flat { path: path(), source })?;
            elf[place].copy_from_slice(flat.seal());
        }
        // It brings a `_start` of its own, and of landfall only what moves it: nothing in it would
        // check a seal.
        Kind::Own => {}
    }
    Ok(Sealed { elf, flat: flat.bytes })
}

//! Changes to a kernel's image, as tests need them.

use std::path::Path;

use landfall_plan::Policy;
use object::LittleEndian;
use object::elf::PT_LOAD;
use object::read::elf::{ElfFile64, ProgramHeader};

pub(super) use landfall_judge::image::{Image, Use, at};

/// An image that tests change.
pub(super) trait Alter: Sized {
    /// The same kernel with another policy, sealed anew. The function for other harts stays, if
    /// any.
    fn with_policy(&self, policy: &Policy) -> Result<Self, String>;

    /// The same kernel's ELF, with this image's bytes.
    fn elf(&self, elf: &Path) -> Result<Vec<u8>, String>;

    /// The same image as it was before `cargo landfall build` sealed it.
    fn unsealed(&self) -> Vec<u8>;
}

impl Alter for Image {
    fn with_policy(&self, policy: &Policy) -> Result<Self, String> {
        let place = self.policy_offset();
        let own = self.flat.get(place..).and_then(<[u8]>::first_chunk).ok_or("there is no policy record")?;
        let own = Policy::from_record(own).map_err(|error| error.to_string())?;
        let policy = policy.with_starting(own.starting()).with_disclosure(own.disclosure());
        policy.check().map_err(|impossible| impossible.to_string())?;
        let record = policy.record();
        let mut image = self.clone();
        image.flat[place..place + record.len()].copy_from_slice(&record);
        landfall_image::seal::seal(&mut image.flat).map_err(|error| error.to_string())?;
        Ok(image)
    }

    fn elf(&self, elf: &Path) -> Result<Vec<u8>, String> {
        let mut bytes = std::fs::read(elf).map_err(|error| format!("{}: {error}", elf.display()))?;
        let parsed = ElfFile64::<LittleEndian>::parse(&*bytes).map_err(|error| error.to_string())?;
        let headers = parsed.elf_program_headers().iter();
        let loaded = headers.filter(|header| header.p_type(LittleEndian) == PT_LOAD).map(|header| {
            let offset = header.p_vaddr(LittleEndian).wrapping_sub(self.link_base);
            (at(header.p_offset(LittleEndian)), at(offset), at(header.p_filesz(LittleEndian)))
        });
        let loaded: Vec<_> = loaded.filter(|(_, _, size)| *size != 0).collect();
        for (in_file, offset, size) in loaded {
            // The file of the flat image may end before the last segment does.
            let part = self.flat.get(offset..).unwrap_or_default();
            let part = part.get(..size).unwrap_or(part);
            bytes[in_file..in_file + part.len()].copy_from_slice(part);
        }
        Ok(bytes)
    }

    fn unsealed(&self) -> Vec<u8> {
        let mut flat = self.flat.clone();
        if let Some(seal) = flat.get_mut(0x50..0x60) {
            seal.copy_from_slice(b"unsealed\0\0\0\0\0\0\0\0");
        }
        flat
    }
}

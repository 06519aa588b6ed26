//! The linker's names for parts of the image.

use object::elf::{SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS, SHT_REL, SHT_RELA, SHT_RELR};

use crate::units::Address;

/// More than any file has; a damaged header may state as many as fit into the file.
pub(super) const MOST_SECTIONS: usize = 4096;

/// A section that is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section<'data> {
    /// Its name; empty where the ELF has none for it.
    pub name: &'data str,
    /// Its link address.
    pub address: Address,
    /// Bytes that it takes in memory.
    pub size: u64,
    /// The offset of its bytes in the file.
    pub file_offset: u64,
    /// `sh_type`.
    pub kind: u32,
    /// `sh_flags`.
    pub flags: u64,
    /// `sh_addralign`.
    pub align: u64,
}

impl Section<'_> {
    /// Its end.
    #[must_use]
    pub const fn end(&self) -> Address {
        Address(self.address.0.saturating_add(self.size))
    }

    /// Returns true if `address` lies in it.
    #[must_use]
    pub const fn holds(&self, address: Address) -> bool {
        self.address.0 <= address.0 && address.0 < self.end().0
    }

    /// Returns true if it holds instructions.
    #[must_use]
    pub const fn is_code(&self) -> bool {
        self.flags & SHF_EXECINSTR.0 != 0
    }

    /// Returns true if it is a relocation table.
    #[must_use]
    pub const fn is_relocation(&self) -> bool {
        self.kind == SHT_RELA.0 || self.kind == SHT_REL.0 || self.kind == SHT_RELR.0
    }

    /// Returns true if the file holds its bytes.
    #[must_use]
    pub const fn is_in_file(&self) -> bool {
        self.kind != SHT_NOBITS.0
    }

    /// Returns true if it is written at run time.
    #[must_use]
    pub const fn is_writable(&self) -> bool {
        self.flags & SHF_WRITE.0 != 0
    }
}

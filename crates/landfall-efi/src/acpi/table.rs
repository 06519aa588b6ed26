//! The root pointer, the list of tables, and what is checked of every table (ACPI 6.6, 5.2.5 to
//! 5.2.8).

use landfall_paging::{PhysAddr, PhysRange};

use super::error::{AcpiError, AcpiFault};

/// The most bytes of a table that is read: so that what is hostile ends soon.
pub(super) const MAX_SIZE: u32 = 1 << 20;

/// Bytes of the root pointer.
const ROOT_SIZE: u32 = 36;
/// Bytes of the header of a table.
const HEADER_SIZE: u32 = 36;
/// The same, and where in it the table's length is.
const HEADER: Header = Header { size: HEADER_SIZE, length_at: 4 };

/// The form of a header.
#[derive(Clone, Copy)]
struct Header {
    /// Its bytes.
    size: u32,
    /// The offset of the table\'s length.
    length_at: usize,
}

/// A table: its length is what it says, and its checksum right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    name: [u8; 4],
    at: PhysAddr,
    pub(super) bytes: &'a [u8],
}

impl<'a> Table<'a> {
    /// Returns the table at `at`, unchecked.
    fn at(
        name: [u8; 4],
        at: PhysAddr,
        size: u32,
        memory: &impl Fn(PhysRange) -> Option<&'a [u8]>,
    ) -> Result<Self, AcpiError> {
        let size = u64::from(size);
        match memory(PhysRange::new(at, size)) {
            Some(bytes) => Ok(Self { name, at, bytes }),
            None => Err(Self { name, at, bytes: &[] }.wrong(
                "its size",
                size,
                "so many bytes must lie where firmware keeps tables: ACPI reclaim, ACPI NVS or data of runtime services",
            )),
        }
    }

    /// Returns the whole table, whose length its header states.
    fn whole(
        self,
        header: Header,
        memory: &impl Fn(PhysRange) -> Option<&'a [u8]>,
    ) -> Result<Self, AcpiError> {
        let size = word(self.bytes, header.length_at);
        self.check_size(size, header.size)?;
        let table = Self::at(self.name, self.at, size, memory)?;
        table.check_sum(table.bytes)?;
        Ok(table)
    }

    fn check_size(self, size: u32, least: u32) -> Result<(), AcpiError> {
        if (least..=MAX_SIZE).contains(&size) {
            return Ok(());
        }
        let right = "it must be that of its header at least, and 0x100000 (1 MiB) at most";
        Err(self.wrong("its size", size.into(), right))
    }

    fn check_sum(self, bytes: &[u8]) -> Result<(), AcpiError> {
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        if sum == 0 {
            return Ok(());
        }
        Err(self.wrong("the sum of its bytes", sum.into(), "it must be 0, modulo 0x100"))
    }

    fn check_name(self, name: &[u8]) -> Result<(), AcpiError> {
        if self.bytes.starts_with(name) {
            return Ok(());
        }
        Err(self.wrong("what it begins with", word(self.bytes, 0).into(), "it must be its name"))
    }

    /// Returns an error about this table.
    pub(super) const fn wrong(self, what: &'static str, found: u64, right: &'static str) -> AcpiError {
        let fault = AcpiFault::Number { what, found, right };
        AcpiError { table: self.name, at: self.at, fault }
    }

    /// A table without so much of a header is no such table.
    pub(super) fn with_header(self, least: u32) -> Result<Self, AcpiError> {
        // A table has MAX_SIZE bytes at most.
        self.check_size(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX), least)?;
        Ok(self)
    }

    /// An entry of `length` bytes, of which its own fields take `least`.
    pub(super) fn entry(self, offset: usize, length: usize, least: usize) -> Result<&'a [u8], AcpiError> {
        let entry = self.bytes.get(offset..).and_then(|rest| rest.get(..length));
        let fault = AcpiFault::Entry { offset, length };
        entry.filter(|_| length >= least).ok_or(AcpiError { table: self.name, at: self.at, fault })
    }

    /// The table of this name in a list of tables.
    pub(super) fn find(
        self,
        name: [u8; 4],
        memory: &impl Fn(PhysRange) -> Option<&'a [u8]>,
    ) -> Result<Self, AcpiError> {
        let (addresses, _) = self.bytes.get(HEADER_SIZE as usize..).unwrap_or_default().as_chunks::<8>();
        let mut outside = 0;
        for address in addresses {
            let at = PhysAddr::new(u64::from_le_bytes(*address));
            match memory(PhysRange::new(at, u64::from(HEADER_SIZE))) {
                None => outside += 1,
                Some(header) if header.starts_with(&name) => {
                    return Self { name, at, bytes: header }.whole(HEADER, memory);
                }
                Some(_) => {}
            }
        }
        let fault = AcpiFault::Missing { tables: addresses.len(), outside };
        Err(AcpiError { table: name, at: self.at, fault })
    }
}

/// The list of tables (XSDT) of the root pointer (RSDP) at `root`.
pub(super) fn list<'a>(
    root: PhysAddr,
    memory: &impl Fn(PhysRange) -> Option<&'a [u8]>,
) -> Result<Table<'a>, AcpiError> {
    let pointer = Table::at(*b"RSDP", root, ROOT_SIZE, memory)?;
    pointer.check_name(b"RSD PTR ")?;
    let revision = pointer.bytes.get(15).copied().unwrap_or_default();
    if revision < 2 {
        return Err(pointer.wrong("its revision", revision.into(), "it must be 2 or more"));
    }
    let pointer = pointer.whole(Header { size: ROOT_SIZE, length_at: 20 }, memory)?;
    // The part that ACPI 1.0 knew has a sum of its own.
    pointer.check_sum(pointer.bytes.get(..20).unwrap_or_default())?;
    let at = PhysAddr::new(double(pointer.bytes, 24));
    let list = Table::at(*b"XSDT", at, HEADER_SIZE, memory)?;
    list.check_name(b"XSDT")?;
    list.whole(HEADER, memory)
}

/// The number at `offset`; 0 where the bytes end before.
pub(super) fn half(bytes: &[u8], offset: usize) -> u16 {
    bytes.get(offset..).and_then(<[u8]>::first_chunk).map_or(0, |half| u16::from_le_bytes(*half))
}

pub(super) fn word(bytes: &[u8], offset: usize) -> u32 {
    bytes.get(offset..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_le_bytes(*word))
}

pub(super) fn double(bytes: &[u8], offset: usize) -> u64 {
    bytes.get(offset..).and_then(<[u8]>::first_chunk).map_or(0, |double| u64::from_le_bytes(*double))
}

//! Stretches of memory and the bytes that go there.

use super::Section;
use crate::units::Address;

/// The permissions of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access(u32);

impl Access {
    /// Code: R-X.
    pub const CODE: Self = Self(5);
    /// Constants: R--.
    pub const CONSTANTS: Self = Self(4);
    /// Data: RW-.
    pub const DATA: Self = Self(6);

    /// Returns the permissions in `p_flags`. Bits that belong to systems and processors do not
    /// count.
    #[must_use]
    pub const fn of_flags(flags: u32) -> Self {
        Self(flags & 7)
    }

    /// Returns true if instructions may be fetched.
    #[must_use]
    pub const fn executes(self) -> bool {
        self.0 & 1 != 0
    }

    /// Returns true if it may be written.
    #[must_use]
    pub const fn writes(self) -> bool {
        self.0 & 2 != 0
    }

    /// Returns true if it may be read.
    #[must_use]
    pub const fn reads(self) -> bool {
        self.0 & 4 != 0
    }
}

impl std::fmt::Display for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let letter = |is, letter| if is { letter } else { '-' };
        let (r, w, x) = (self.reads(), self.writes(), self.executes());
        write!(f, "{}{}{}", letter(r, 'R'), letter(w, 'W'), letter(x, 'X'))
    }
}

/// A loaded stretch of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'data> {
    /// The number of its program header, from 0 on.
    pub index: usize,
    /// Its link address.
    pub address: Address,
    /// Its load address in the ELF.
    pub load_address: Address,
    /// Bytes that it takes in memory.
    pub size: u64,
    /// The offset of its bytes in the file.
    pub file_offset: u64,
    /// The number of its bytes in the file.
    pub file_size: u64,
    /// Those bytes; none where the file does not hold them all.
    pub bytes: &'data [u8],
    /// Its permissions.
    pub access: Access,
    /// `p_flags`, with bits that say more than that.
    pub flags: u32,
    /// Its alignment.
    pub align: u64,
}

impl<'data> Segment<'data> {
    /// Its end; one that would go round the end of the address space is cut there.
    #[must_use]
    pub const fn end(&self) -> Address {
        Address(self.address.0.saturating_add(self.size))
    }

    /// Returns true if `address` lies in it.
    #[must_use]
    pub const fn holds(&self, address: Address) -> bool {
        self.address.0 <= address.0 && address.0 < self.end().0
    }

    /// Its bytes of the file from `address` on.
    #[must_use]
    pub fn bytes_at(&self, address: Address) -> Option<&'data [u8]> {
        let within = address.0.checked_sub(self.address.0)?;
        self.bytes.get(usize::try_from(within).ok()?..)
    }
}

/// Bytes at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch<'data> {
    /// The link address of their first byte.
    pub address: Address,
    /// The bytes.
    pub bytes: &'data [u8],
}

/// Returns the ranges of code: each byte once, so that the file's size bounds the work on it.
pub(super) fn code<'data>(segments: &[Segment<'data>], sections: &[Section<'data>]) -> Vec<Stretch<'data>> {
    let of_section = |section: &Section<'_>| (section.address.0, section.end().0);
    let mut ranges: Vec<_> = sections.iter().filter(|section| section.is_code()).map(of_section).collect();
    if ranges.is_empty() {
        let executable = segments.iter().filter(|segment| segment.access.executes());
        ranges = executable.map(|segment| (segment.address.0, segment.end().0)).collect();
    }
    ranges.sort_unstable();
    let mut stretches = Vec::new();
    let mut done = 0;
    for (start, end) in ranges {
        let mut from = start.max(done);
        // A range may go through several segments, with gaps between them.
        while from < end {
            let at =
                |segment: &&Segment<'_>| segment.bytes_at(Address(from)).is_some_and(|rest| !rest.is_empty());
            let Some(bytes) = segments.iter().find(at).and_then(|segment| segment.bytes_at(Address(from)))
            else {
                let starts = segments.iter().map(|segment| segment.address.0).filter(|&start| start > from);
                match starts.min() {
                    Some(next) if next < end => from = next,
                    _ => break,
                }
                continue;
            };
            let size = usize::try_from(end - from).unwrap_or(usize::MAX).min(bytes.len());
            stretches.push(Stretch { address: Address(from), bytes: &bytes[..size] });
            let Some(next) = from.checked_add(size as u64) else { break };
            from = next;
        }
        done = done.max(end);
    }
    stretches
}

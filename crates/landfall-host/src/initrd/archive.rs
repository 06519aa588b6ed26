//! An initrd as an archive of cpio in the format `newc` (Linux, buffer-format.rst), to which files
//! are added.
//!
//! ```
//! use landfall_host::initrd::archive::Archive;
//!
//! let first = Archive::default().with("a", b"one").into_bytes();
//! let both = Archive::parse(&first).expect("an archive").with("b", b"two");
//! assert!(both.contains("a") && both.contains("b"));
//! ```

use thiserror::Error;

/// The magic number of a header without a checksum, and of one with it.
const MAGICS: [&[u8]; 2] = [b"070701", b"070702"];

/// Bytes of a header: the magic number, and 13 numbers of 8 hexadecimal digits.
const HEADER: usize = 110;

/// The indices of the sizes among the numbers.
const FILE_SIZE: usize = 6;
const NAME_SIZE: usize = 11;

/// The name of the entry that ends an archive.
const TRAILER: &str = "TRAILER!!!";

/// A regular file, readable by all and executable: the first process of a Linux may be one.
const MODE: usize = 0o100_755;

/// Bytes that are no archive.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArchiveError {
    /// No header stands where one must be.
    #[error(
        "it is not a cpio archive in the format newc: no header at byte {at:#x}; create it with `cpio -o -H newc`, without compression"
    )]
    NoHeader {
        /// The offset.
        at: usize,
    },
    /// An entry ends behind the last byte.
    #[error("it is a damaged cpio archive: the entry at byte {at:#x} ends after the last byte")]
    CutOff {
        /// The offset of the entry.
        at: usize,
    },
    /// There is no trailer.
    #[error("it is a damaged cpio archive: the entry {TRAILER} is missing at its end")]
    NoTrailer,
}

/// An archive without its trailer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archive {
    entries: Vec<u8>,
    names: Vec<String>,
}

/// An entry of an archive.
struct Entry {
    name: String,
    /// Bytes with header, name, data and padding.
    size: usize,
}

impl Archive {
    /// Reads an archive, or several of them that are joined.
    ///
    /// # Errors
    /// Returns [`ArchiveError`] if the bytes are no whole archive, for example a compressed one.
    pub fn parse(bytes: &[u8]) -> Result<Self, ArchiveError> {
        let mut archive = Self::default();
        let (mut at, mut has_ended) = (0, false);
        while at < bytes.len() {
            if has_ended && bytes[at] == 0 {
                at += 1;
                continue;
            }
            let entry = Entry::read(bytes, at)?;
            has_ended = entry.name == TRAILER;
            if !has_ended {
                archive.entries.extend(bytes.get(at..at + entry.size).unwrap_or_default());
                archive.names.push(entry.name);
            }
            at += entry.size;
        }
        if has_ended { Ok(archive) } else { Err(ArchiveError::NoTrailer) }
    }

    /// Returns true if the archive has a file with this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }

    /// Adds a file.
    #[must_use]
    pub fn with(mut self, name: &str, file: &[u8]) -> Self {
        write(&mut self.entries, name, file);
        self.names.push(name.to_owned());
        self
    }

    /// Returns the bytes of the archive.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = self.entries;
        write(&mut bytes, TRAILER, &[]);
        bytes
    }
}

impl Entry {
    fn read(bytes: &[u8], at: usize) -> Result<Self, ArchiveError> {
        let no_header = ArchiveError::NoHeader { at };
        let rest = bytes.get(at..).unwrap_or_default();
        let header = rest.get(..HEADER).ok_or_else(|| no_header.clone())?;
        if !MAGICS.iter().any(|magic| header.starts_with(magic)) {
            return Err(no_header);
        }
        let number = |index: usize| {
            let digits = std::str::from_utf8(header.get(6 + index * 8..14 + index * 8)?).ok()?;
            usize::try_from(u32::from_str_radix(digits, 16).ok()?).ok()
        };
        let (file, name) = number(FILE_SIZE).zip(number(NAME_SIZE)).ok_or(no_header)?;
        // No number has more than 32 bits, so that the sums do not overflow.
        let data = (HEADER + name).next_multiple_of(4);
        let size = (data + file).next_multiple_of(4);
        // The last entry may lack its padding.
        if data + file > rest.len() {
            return Err(ArchiveError::CutOff { at });
        }
        let name = rest.get(HEADER..HEADER + name).unwrap_or_default();
        let name = name.strip_suffix(b"\0").unwrap_or(name);
        Ok(Self { name: String::from_utf8_lossy(name).into_owned(), size: size.min(rest.len()) })
    }
}

/// Writes an entry: the numbers are inode, mode, owner, group, links, time, size, device, special
/// device, bytes of the name, and checksum.
fn write(into: &mut Vec<u8>, name: &str, file: &[u8]) {
    into.resize(into.len().next_multiple_of(4), 0);
    into.extend(MAGICS[0]);
    for number in [1, MODE, 0, 0, 1, 0, file.len(), 0, 0, 0, 0, name.len() + 1, 0] {
        into.extend(format!("{number:08X}").bytes());
    }
    into.extend(name.bytes());
    into.push(0);
    into.resize(into.len().next_multiple_of(4), 0);
    into.extend(file);
    into.resize(into.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_were_there_stay() {
        let first = Archive::default().with("a", b"one").with("b/c", b"").into_bytes();
        // Linux pads archives with zeros, and joins them.
        let joined = [&first[..], &[0; 512], &Archive::default().with("d", b"two").into_bytes()].concat();
        let archive = Archive::parse(&joined).expect("archives").with("e", b"three");
        for name in ["a", "b/c", "d", "e"] {
            assert!(archive.contains(name), "{name}");
        }
        let bytes = archive.clone().into_bytes();
        assert!(bytes.windows(3).any(|part| part == b"one") && bytes.len().is_multiple_of(4));
        assert_eq!(Archive::parse(&bytes), Ok(archive));
        assert!(!Archive::parse(&bytes).expect("an archive").contains("c"));
    }

    #[test]
    fn other_bytes_are_refused_by_their_place() {
        let good = Archive::default().with("a", b"one").into_bytes();
        assert_eq!(Archive::parse(b"\x1f\x8b\x08"), Err(ArchiveError::NoHeader { at: 0 }));
        assert_eq!(Archive::parse(&[]), Err(ArchiveError::NoTrailer));
        assert_eq!(Archive::parse(&good[..116]), Err(ArchiveError::NoTrailer));
        assert_eq!(Archive::parse(&good[..113]), Err(ArchiveError::CutOff { at: 0 }));
        let tail = [&good[..], b"more"].concat();
        assert_eq!(Archive::parse(&tail), Err(ArchiveError::NoHeader { at: good.len() }));
        let mut damaged = good;
        damaged[6 + FILE_SIZE * 8] = b'x';
        assert_eq!(Archive::parse(&damaged), Err(ArchiveError::NoHeader { at: 0 }));
    }
}

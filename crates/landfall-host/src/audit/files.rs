//! The user's files: regular ones, up to a size.

use std::fs::File;
use std::io::{Error, Read};
use std::path::{Path, PathBuf};

use super::AuditError;

/// The largest device tree. Linux takes up to 2 MiB.
pub(super) const TREE: u64 = 16 << 20;
/// The largest JSON. A mapping takes about 150 bytes.
pub(super) const JSON: u64 = 1 << 30;
/// The largest ELF with symbols. Linux with all debugging information has less than 1 GiB.
pub(super) const ELF: u64 = 4 << 30;

/// Opens a regular file. Another one, such as a pipe, may block for ever or have no end.
pub(super) fn open(path: &Path) -> Result<File, AuditError> {
    let file = std::fs::metadata(path).and_then(|metadata| {
        if metadata.is_file() { File::open(path) } else { Err(Error::other("it is no regular file")) }
    });
    file.map_err(|source| unreadable(path, source))
}

/// Reads a regular file of at most `most` bytes.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>, AuditError> {
    let mut bytes = Vec::new();
    let file = open(path)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(|source| unreadable(path, source))?;
    if bytes.len() as u64 > most {
        let reason = format!("it has more than {} MiB, so it is no file of this kind", most >> 20);
        return Err(unreadable(path, Error::other(reason)));
    }
    Ok(bytes)
}

/// Reads JSON.
pub(super) fn json(path: &Path) -> Result<String, AuditError> {
    String::from_utf8(read(path, JSON)?)
        .map_err(|_| unreadable(path, Error::other("it is no text, but binary")))
}

pub(super) fn unreadable(path: &Path, source: Error) -> AuditError {
    AuditError::Read { path: PathBuf::from(path), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_up_to_a_size_are_read() {
        let zero = read(Path::new("/dev/zero"), 10).expect_err("a device").to_string();
        assert_eq!(zero, "cannot read /dev/zero: it is no regular file");
        let folder = crate::private::folder("landfall-").expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, [7; 10]).expect("a file");
        assert_eq!(read(&path, 10).expect("ten bytes"), [7; 10]);
        assert!(read(&path, 9).expect_err("one more").to_string().contains("it has more than 0 MiB"));
        let file = File::create(&path).expect("a file");
        file.set_len(1 << 40).expect("a hole");
        assert!(read(&path, TREE).is_err());
    }
}

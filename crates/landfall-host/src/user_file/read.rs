//! An input, which is read as a whole.

use std::fs::{self, File};
use std::io::{self, Error, Read as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use super::folder;

/// The largest file of a kind, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u64);

impl Limit {
    /// A kernel or a module, with symbols. Linux with all debugging information has less than
    /// 1 GiB.
    pub const KERNEL: Self = Self(4 << 30);
    /// An initrd. FAT has 32 bits for its size.
    pub const INITRD: Self = Self(4 << 30);
    /// A plan or an audit in JSON. A mapping takes about 150 bytes.
    pub const DOCUMENT: Self = Self(1 << 30);
    /// A console, as a program saved it.
    pub const CONSOLE: Self = Self(1 << 30);
    /// Settings that a person wrote.
    pub const SETTINGS: Self = Self(1 << 20);
}

/// The most bytes from a pipe, which does not state its size: all of them take memory.
const PIPE: u64 = 1 << 30;

/// Reads a regular file or a pipe. A device such as `/dev/zero` may have no end, so it is refused.
///
/// # Errors
/// Returns the system's error, or one that states why this file is not read.
pub fn read(path: &Path, limit: Limit) -> io::Result<Vec<u8>> {
    // Before it is opened, which alone may change the state of a device.
    let kind = fs::metadata(path)?.file_type();
    if kind.is_char_device() || kind.is_block_device() {
        return Err(Error::other("it is a device; name a file"));
    }
    if kind.is_dir() {
        return Err(folder());
    }
    let file = File::open(path)?;
    let found = file.metadata()?;
    let limit = if found.is_file() { limit.0 } else { limit.0.min(PIPE) };
    // Files of /proc state no size.
    if found.is_file() && found.len() > limit {
        return Err(too_large(limit));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(found.len()).unwrap_or(0))?;
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes) }
}

fn too_large(limit: u64) -> Error {
    Error::other(format!("it has more than the {} MiB that are read; name a smaller file", limit >> 20))
}

#[cfg(test)]
mod tests {
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    const TEN: Limit = Limit(10);

    #[test]
    fn regular_files_are_read_up_to_a_limit() {
        let folder = crate::private::folder("landfall-").expect("a folder");
        let path = folder.path().join("file");
        for size in [0, 9, 10] {
            fs::write(&path, vec![7; size]).expect("a file");
            assert_eq!(read(&path, TEN).expect("a file"), vec![7; size]);
        }
        fs::write(&path, [7; 11]).expect("a file");
        assert!(read(&path, TEN).expect_err("one more").to_string().contains("more than the 0 MiB"));
        // A hole takes no place on the disk, and would take memory.
        File::create(&path).and_then(|file| file.set_len(1 << 40)).expect("a hole");
        for limit in [Limit::KERNEL, Limit::INITRD, Limit::DOCUMENT, Limit::CONSOLE, Limit::SETTINGS] {
            read(&path, limit).expect_err("1 TiB");
        }
    }

    #[test]
    fn pipes_are_read_up_to_the_same_limit() {
        let folder = crate::private::folder("landfall-").expect("a folder");
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).expect("a pipe");
        for size in [10, 11] {
            let found = std::thread::scope(|scope| {
                scope.spawn(|| fs::write(&pipe, vec![7; size]).expect("a reader"));
                read(&pipe, TEN)
            });
            assert_eq!(found.ok(), (size == 10).then(|| vec![7; size]));
        }
    }

    #[test]
    fn devices_and_folders_are_refused() {
        let refused = |path| read(Path::new(path), Limit::KERNEL).expect_err("no file").to_string();
        assert_eq!(refused("/dev/zero"), "it is a device; name a file");
        assert_eq!(refused("/"), "it is a folder; name a file");
        assert!(refused("/none").starts_with("No such file"));
    }

    #[test]
    fn a_file_that_states_no_size_is_read() {
        let text = read(Path::new("/proc/self/status"), Limit::SETTINGS).expect("a file");
        assert!(text.starts_with(b"Name:"));
    }
}

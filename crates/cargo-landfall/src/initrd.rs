//! An initial RAM disk, as a user names it.

use std::fs::{self, File};
use std::path::Path;

use crate::failure::Failure;

/// Makes sure that `path` is a file that can be read.
///
/// Who loads it differs by firmware (QEMU, or we onto a disk), and so would the words for a mistake. A pipe would be waited for without end.
///
/// # Errors
/// [`Failure`] with exit status 2 where it is no such file.
pub fn check(path: &Path) -> Result<(), Failure> {
    let cannot =
        |source| Failure::File { what: format!("cannot read the initrd {}", path.display()), source };
    if !fs::metadata(path).map_err(cannot)?.is_file() {
        let message = format!(
            "the initrd {} is a folder, a pipe or a device: write what it is to hold into a file, and name that",
            path.display()
        );
        return Err(Failure::Usage { message });
    }
    File::open(path).map(drop).map_err(cannot)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn refused(path: &Path) -> String {
        let failure = check(path).expect_err("no file");
        assert_eq!(failure.exit_code(), 2.into());
        failure.to_string()
    }

    #[test]
    fn an_initrd_is_a_file() {
        let folder = crate::private::folder("landfall-").expect("a directory");
        let [file, missing, pipe] = ["file", "missing", "pipe"].map(|name| folder.path().join(name));
        fs::write(&file, "x").expect("a file");
        check(&file).expect("a file");
        let told = refused(&missing);
        assert!(told.contains("initrd") && told.contains("missing: No such file"), "{told}");
        let mode = rustix::fs::Mode::RWXU;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
        for path in [folder.path(), &pipe] {
            let told = refused(path);
            assert!(told.contains(&format!("the initrd {} is a folder, a pipe", path.display())), "{told}");
        }
    }
}

//! Versions, as QEMU, LLDB and Debian write them.

use std::fmt;

/// A version, as far as it matters to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    major: u32,
    minor: u32,
}

impl Version {
    /// Version `major.minor`.
    #[must_use]
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Returns the version in the first line of `qemu-system-riscv64 --version`:
    /// `QEMU emulator version 10.0.2 (Debian ...)`.
    #[must_use]
    pub fn of_qemu(output: &str) -> Option<Self> {
        Self::upstream(output.lines().next()?.split_once("version ")?.1)
    }

    /// Returns the version in what `lldb --version` says: `lldb version 19.1.7`.
    #[must_use]
    pub fn of_lldb(output: &str) -> Option<Self> {
        Self::upstream(output.lines().find_map(|line| line.trim().strip_prefix("lldb version "))?)
    }

    /// Returns the upstream version in a version of Debian: `1:10.0.2+ds-2+deb13u1~bpo12+1`.
    #[must_use]
    pub fn of_package(version: &str) -> Option<Self> {
        Self::upstream(version.split_once(':').map_or(version, |(_epoch, rest)| rest))
    }

    fn upstream(text: &str) -> Option<Self> {
        let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(str::parse);
        let major = numbers.next()?.ok()?;
        // `11` is as good as `11.0`.
        let minor = numbers.next().and_then(Result::ok).unwrap_or(0);
        Some(Self { major, minor })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qemu_tells_its_version() {
        for (output, version) in [
            ("QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2+deb13u1~bpo12+1)\nCopyright", Some((10, 0))),
            ("QEMU emulator version 7.2.17 (Debian 1:7.2+dfsg-7+deb12u12)", Some((7, 2))),
            ("QEMU emulator version 10.1.50 (v10.1.0-123-gabcdef)", Some((10, 1))),
            ("QEMU emulator version 9", Some((9, 0))),
            ("QEMU emulator version", None),
            ("qemu: version x", None),
            ("version 99999999999.1", None),
            ("", None),
        ] {
            assert_eq!(Version::of_qemu(output), version.map(|(a, b)| Version::new(a, b)), "{output}");
        }
    }

    #[test]
    fn lldb_tells_its_version() {
        for (output, version) in [
            ("(lldb) version\nlldb version 19.1.7\n", Some((19, 1))),
            ("lldb version 20.1.8 (https://example/llvm revision 1)", Some((20, 1))),
            ("lldb-1600.0.36.3\nApple Swift version 6.0", None),
            ("", None),
        ] {
            assert_eq!(Version::of_lldb(output), version.map(|(a, b)| Version::new(a, b)), "{output}");
        }
    }

    #[test]
    fn packages_have_an_epoch_and_a_revision() {
        for (package, version) in [
            ("1:10.0.2+ds-2+deb13u1~bpo12+1", Some((10, 0))),
            ("1:8.2.2+ds-0ubuntu1.4", Some((8, 2))),
            ("1:7.2+dfsg-7+deb12u18+b3", Some((7, 2))),
            ("(none)", None),
            ("", None),
        ] {
            assert_eq!(Version::of_package(package), version.map(|(a, b)| Version::new(a, b)), "{package}");
        }
    }

    #[test]
    fn versions_are_ordered_by_number() {
        assert!(Version::new(10, 0) > Version::new(8, 2) && Version::new(8, 10) > Version::new(8, 2));
    }
}

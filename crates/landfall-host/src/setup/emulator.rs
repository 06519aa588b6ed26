//! QEMU and OpenSBI, as they are on this computer.

use std::fmt;
use std::path::Path;

use super::memo;
use super::version::Version;
use crate::qemu::PROGRAM;

/// The firmware that QEMU's `virt` machine loads, in one of the directories that QEMU looks in.
const FIRMWARE: &str = "opensbi-riscv64-generic-fw_dynamic.bin";

/// The state found.
pub(super) struct Found {
    qemu: Emulator,
    firmware: Firmware,
}

enum Emulator {
    Absent,
    Unknown,
    Version(Version),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Firmware {
    Absent,
    Present,
}

/// The missing tool.
pub(super) enum Lack {
    /// There is no QEMU.
    Qemu { minimum: Version },
    /// There is an older one; `None` where it does not say how old.
    Newer { found: Option<Version>, minimum: Version },
    /// There is a QEMU, and no firmware for it.
    Firmware,
}

impl Found {
    pub(super) fn on_this_system() -> Self {
        let qemu = match memo::answer(PROGRAM, &["--version"]) {
            None => Emulator::Absent,
            Some(output) => Version::of_qemu(&output).map_or(Emulator::Unknown, Emulator::Version),
        };
        let directories = memo::answer(PROGRAM, &["-L", "help"]).unwrap_or_default();
        let present = directories.lines().any(|directory| Path::new(directory).join(FIRMWARE).exists());
        Self { qemu, firmware: if present { Firmware::Present } else { Firmware::Absent } }
    }

    /// Returns the missing tool of a boot that requires `minimum`.
    pub(super) fn lack(&self, minimum: Version) -> Option<Lack> {
        match self.qemu {
            Emulator::Absent => Some(Lack::Qemu { minimum }),
            Emulator::Unknown => Some(Lack::Newer { found: None, minimum }),
            Emulator::Version(found) if found < minimum => Some(Lack::Newer { found: Some(found), minimum }),
            Emulator::Version(_) => (self.firmware == Firmware::Absent).then_some(Lack::Firmware),
        }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Qemu { minimum } => {
                write!(f, "{PROGRAM} is missing; kernels boot in it (QEMU {minimum} or newer)")
            }
            Self::Newer { found: Some(found), minimum } => {
                write!(f, "{PROGRAM} has version {found}, but {minimum} or newer is required")
            }
            Self::Newer { found: None, minimum } => {
                write!(f, "{PROGRAM} does not print its version, but {minimum} or newer is required")
            }
            Self::Firmware => {
                write!(
                    f,
                    "OpenSBI is missing; it is the firmware under which kernels boot ({FIRMWARE} in QEMU's folders)"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_in_order() {
        let found = |qemu, firmware| Found { qemu, firmware };
        let minimum = Version::new(8, 2);
        let lack = |found: Found| found.lack(minimum).map(|lack| lack.to_string());
        let old = lack(found(Emulator::Version(Version::new(7, 2)), Firmware::Present));
        assert!(old.is_some_and(|text| text.contains("7.2") && text.contains("8.2")));
        assert!(lack(found(Emulator::Absent, Firmware::Absent)).is_some());
        assert!(lack(found(Emulator::Unknown, Firmware::Present)).is_some());
        assert!(lack(found(Emulator::Version(minimum), Firmware::Absent)).is_some());
        assert_eq!(lack(found(Emulator::Version(minimum), Firmware::Present)), None);
    }
}

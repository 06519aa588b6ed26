//! The software that runs before the kernel.

use std::ffi::OsString;
use std::path::PathBuf;

use super::argument::{escape_commas, option};

/// The firmware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// The OpenSBI that QEMU finds.
    OpenSbi,
    /// This file.
    File(PathBuf),
    /// The content of the `virt` machine's flash, after the OpenSBI that QEMU finds.
    Flash {
        /// The program.
        code: PathBuf,
        /// Its variables, which it writes to.
        variables: PathBuf,
    },
    /// Nothing: the machine starts in what `-kernel` names, or does not start at all.
    None,
}

impl Firmware {
    pub(super) fn add(&self, arguments: &mut Vec<OsString>) {
        match self {
            Self::OpenSbi => {}
            Self::File(path) => option(arguments, "-bios", Some(path)),
            Self::Flash { code, variables } => {
                for (file, writable) in [(code, "readonly=on,"), (variables, "")] {
                    let mut drive = OsString::from(format!("if=pflash,format=raw,{writable}file="));
                    drive.push(escape_commas(file.as_os_str()));
                    option(arguments, "-drive", Some(&drive));
                }
                // EDK2 waits five seconds for a key, which no user presses.
                option(arguments, "-boot", Some("menu=on,splash-time=0"));
            }
            Self::None => option(arguments, "-bios", Some("none")),
        }
    }
}

//! The menu that U-Boot reads (its documentation, "Generic Distro Configuration Concept").

use super::{DiskError, IMAGE, INITRD};

/// A menu of one entry, which boots at once.
///
/// The file names no device tree: the kernel gets the one that U-Boot itself was given.
pub(super) fn menu(command_line: &str, initrd: Option<&[u8]>) -> Result<String, DiskError> {
    if command_line.contains(['\n', '\r', '\0']) {
        return Err(DiskError::CommandLine { line: command_line.to_owned() });
    }
    let initrd = if initrd.is_some() { format!("    initrd /{INITRD}\n") } else { String::new() };
    // A key without a value would take the next line for it.
    let append = if command_line.is_empty() { String::new() } else { format!("    append {command_line}\n") };
    Ok(format!("default landfall\ntimeout 0\n\nlabel landfall\n    kernel /{IMAGE}\n{initrd}{append}"))
}

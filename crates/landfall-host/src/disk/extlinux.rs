//! The menu that U-Boot reads (its documentation, "Generic Distro Configuration Concept").

use super::{DiskError, INITRD};

/// The most bytes of a command line. U-Boot 2025.01 loses one of 1,024 bytes, with what a user has
/// asked for in it, and is lost itself from some 850 on.
pub(super) const LONGEST: usize = 800;

/// Returns a menu of one entry, which boots at once.
///
/// The file names no device tree: the kernel gets the one that U-Boot itself was given.
pub(super) fn menu(kernel: &str, command_line: &str, initrd: Option<&[u8]>) -> Result<String, DiskError> {
    if command_line.contains(['\n', '\r', '\0']) {
        return Err(DiskError::CommandLine { line: command_line.to_owned() });
    }
    let escaped = escape(command_line);
    if escaped.len() > LONGEST {
        return Err(DiskError::LongCommandLine { bytes: escaped.len() });
    }
    let initrd = if initrd.is_some() { format!("    initrd /{INITRD}\n") } else { String::new() };
    // A key without a value would take the next line for it.
    let append = if command_line.is_empty() { String::new() } else { format!("    append {escaped}\n") };
    Ok(format!("default landfall\ntimeout 0\n\nlabel landfall\n    kernel /{kernel}\n{initrd}{append}"))
}

/// U-Boot puts variables in (`${name}`, `$(name)`) and takes quotes away
/// (`cli_simple_process_macros`). A backslash before them keeps it from that, and is taken away
/// itself; so is the first of several, and none behind that one.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '$' | '\\' | '\'') && !escaped.ends_with('\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

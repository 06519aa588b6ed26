//! Arguments, as QEMU takes them.

use std::ffi::{OsStr, OsString};

/// Adds an option with its value, where there is one.
pub(super) fn option<T: AsRef<OsStr> + ?Sized>(arguments: &mut Vec<OsString>, name: &str, value: Option<&T>) {
    if let Some(value) = value {
        arguments.extend([name.into(), value.as_ref().to_owned()]);
    }
}

/// Returns a value within a list of properties, where QEMU takes `,` for the end of it and `,,` for
/// a comma.
#[must_use]
pub fn escape_commas(value: &OsStr) -> OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let mut escaped = Vec::with_capacity(value.len());
    for &byte in value.as_bytes() {
        escaped.push(byte);
        if byte == b',' {
            escaped.push(byte);
        }
    }
    OsString::from_vec(escaped)
}
